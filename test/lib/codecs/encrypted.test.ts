import assert from 'node:assert'
import { createHash, randomBytes } from 'node:crypto'
import t from 'tap'
import { open, seal, xaesKey } from '../../../lib/codecs/encrypted/xaes.ts'
import { EncryptedCodec, type EncryptedCodecOptions } from '../../../lib/codecs/encrypted.ts'
import { GobCodec, goType } from '../../../lib/codecs/gob.ts'
import { JsonCodec } from '../../../lib/data/codec.ts'

const DEADLINE = 1_900_000_000_000
const VALUES = { user: 'ann', cart: [{ sku: 'tea', count: 2 }], since: new Date(5) }
const OVERHEAD = 48
const HEAD = 8

const key = (byte: number) => Buffer.alloc(32, byte)
const codecOf = (...keys: number[]) => new EncryptedCodec({ keys: keys.map(key) })

t.test('XAES-256-GCM: the vectors of its specification', async (t) => {
  const [nonce, plain] = [Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWX'), Buffer.from('XAES-256-GCM')]
  for (const [byte, aad, hex] of [
    [1, '', 'ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271'],
    [3, 'c2sp.org/XAES-256-GCM', '986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d'],
  ] as const) {
    const sealed = Buffer.concat(seal(xaesKey(key(byte)), nonce, plain, Buffer.from(aad)))
    t.equal(sealed.toString('hex'), hex)
    t.same(open(xaesKey(key(byte)), nonce, sealed, Buffer.from(aad)), plain)
  }
})

t.test('XAES-256-GCM: 10,000 random ones, by their digest', async (t) => {
  const runs = 10_000
  const source = createHash('shake128', { outputLength: runs * (32 + 24 + 2 * 256) }).digest()
  let at = 0
  const take = (length: number) => {
    at += length
    return source.subarray(at - length, at)
  }
  const digest = createHash('shake128', { outputLength: 32 })
  for (let i = 0; i < runs; i++) {
    const [k, nonce] = [xaesKey(Buffer.from(take(32))), take(24)]
    const plain = take(take(1)[0] ?? 0)
    const aad = take(take(1)[0] ?? 0)
    for (const part of seal(k, nonce, plain, aad)) digest.update(part)
  }
  t.equal(digest.digest('hex'), 'e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939')
})

t.test('a session comes back, nothing of it can be read, and no two payloads are the same', async (t) => {
  const codec = codecOf(1)
  const encoded = codec.encode(DEADLINE, VALUES)
  t.same(codec.decode(encoded), { deadline: DEADLINE, values: VALUES })
  t.equal(encoded.length, new JsonCodec().encode(DEADLINE, VALUES).length + OVERHEAD)
  for (const text of ['ann', 'user', 'tea', 'deadline']) t.notOk(Buffer.from(encoded).includes(text), text)
  const seen = new Set(Array.from({ length: 1000 }, () => Buffer.from(codec.encode(DEADLINE, VALUES)).toString('hex', HEAD, HEAD + 24)))
  t.equal(seen.size, 1000, 'nonces')
})

t.test('payloads of this release can be read by every later one', async (t) => {
  const written =
    'U0NTAfogg3KwTOo00B/lw6WI735c9E5ukh7mMcm5hOJJLMWcDzLVBt8clRJGRJiaj1D9PjfGNIQpSboETVMMVl2UKHslH5JbSb+84zPHw4SsNKxJGooYFaGdo6y4prFuKEQ='
  t.same(codecOf(7).decode(Buffer.from(written, 'base64')), { deadline: DEADLINE, values: { user: 'ann' } })
})

t.test('the first key encrypts, all decrypt', async (t) => {
  const [old, both, swapped, fresh] = [codecOf(1), codecOf(1, 2), codecOf(2, 1), codecOf(2)]
  const nameOf = (codec: EncryptedCodec) => Buffer.from(codec.encode(DEADLINE, VALUES)).toString('hex', 0, HEAD)
  t.same([nameOf(both), nameOf(swapped)], [nameOf(old), nameOf(fresh)])
  const [byOld, bySwapped] = [both.encode(DEADLINE, VALUES), swapped.encode(DEADLINE, VALUES)]
  for (const codec of [old, both, swapped]) t.same(codec.decode(byOld).values, VALUES)
  for (const codec of [both, swapped, fresh]) t.same(codec.decode(bySwapped).values, VALUES)
  t.throws(() => fresh.decode(byOld), { code: 'FST_ERR_SCS_PAYLOAD', foreign: /^no key opens its payload: add the key/ })
  t.throws(() => old.decode(bySwapped), { code: 'FST_ERR_SCS_PAYLOAD', foreign: /^no key opens its payload: add the key/ })
})

t.test('a key is bytes, base64 or base64url', async (t) => {
  const bytes = randomBytes(32)
  const encoded = new EncryptedCodec({ keys: [bytes] }).encode(DEADLINE, VALUES)
  const forms = [bytes.toString('base64'), bytes.toString('base64').replace('=', ''), bytes.toString('base64url'), new Uint8Array(bytes)]
  for (const form of forms) t.same(new EncryptedCodec({ keys: [form] }).decode(encoded).values, VALUES)
  const mine = Buffer.from(bytes)
  const codec = new EncryptedCodec({ keys: [mine] })
  mine.fill(0)
  t.same(codec.decode(encoded).values, VALUES, 'a key that is wiped afterwards was copied')
})

t.test('a bit that changed, or an end that is missing, is never a session', async (t) => {
  const codec = codecOf(1)
  const good = Buffer.from(codec.encode(DEADLINE, VALUES))
  for (let bit = 0; bit < good.length * 8; bit++) {
    const bad = Buffer.from(good)
    const at = bit >> 3
    bad[at] = (bad[at] as number) ^ (1 << (bit & 7))
    const foreign = at < HEAD ? /./ : undefined
    t.throws(() => codec.decode(bad), { code: 'FST_ERR_SCS_PAYLOAD', foreign }, `bit ${bit}`)
  }
  for (let length = 0; length < good.length; length++)
    t.throws(() => codec.decode(good.subarray(0, length)), { code: 'FST_ERR_SCS_PAYLOAD', foreign: undefined }, `${length} bytes`)
  t.throws(() => codec.decode(Buffer.concat([good, Buffer.from([0])])), { code: 'FST_ERR_SCS_PAYLOAD', foreign: undefined })
})

t.test('what is not encrypted is left alone, or read when that is asked for', async (t) => {
  const plain = new JsonCodec().encode(DEADLINE, VALUES)
  t.throws(() => codecOf(1).decode(plain), {
    code: 'FST_ERR_SCS_PAYLOAD',
    foreign: /^its payload is not encrypted: set the option readsPlain/,
  })
  const moving = new EncryptedCodec({ keys: [key(1)], readsPlain: true })
  t.same(moving.decode(plain).values, VALUES)
  t.same(codecOf(1).decode(moving.encode(DEADLINE, VALUES)).values, VALUES)
  t.throws(() => new JsonCodec().decode(moving.encode(DEADLINE, VALUES)), { code: 'FST_ERR_SCS_PAYLOAD', foreign: /^another codec wrote/ })
  t.throws(() => new GobCodec().decode(moving.encode(DEADLINE, VALUES)), { code: 'FST_ERR_SCS_PAYLOAD', foreign: /^another codec wrote/ })
})

t.test('around GobCodec, types are kept, and what was encrypted around another codec is left alone', async (t) => {
  const codec = new EncryptedCodec({ keys: [key(1)], codec: new GobCodec() })
  const { value, type } = codec.admit?.('n', goType('int64', 5), undefined) ?? {}
  const decoded = codec.decode(codec.encode(DEADLINE, { n: value }, { keys: new Map([['n', type]]) }))
  t.same(decoded.values, { n: 5 })
  const again = codec.encode(DEADLINE, { n: 6 }, decoded.types)
  t.same(codec.decode(again).types?.keys.get('n'), decoded.types?.keys.get('n'))
  t.throws(() => codecOf(1).decode(again), { code: 'FST_ERR_SCS_PAYLOAD', foreign: /GobCodec/ })
  t.equal(codecOf(1).admit, undefined)
})

t.test('wrong options are told', async (t) => {
  const how = 'each 32 random bytes or those in base64, for example from: openssl rand -base64 32.'
  const table: readonly (readonly [unknown, string])[] = [
    [undefined, `Option keys must be an array of keys, ${how}`],
    [{}, `Option keys must be an array of keys, ${how}`],
    [{ keys: [] }, `Option keys must be an array of keys, ${how}`],
    [{ keys: 'x'.repeat(43) }, `Option keys must be an array of keys, ${how}`],
    [{ keys: ['a passphrase'] }, `Option keys[0] must be a key, ${how}`],
    [{ keys: [key(1), key(2).subarray(1)] }, `Option keys[1] must be a key, ${how}`],
    [{ keys: [key(1).toString('hex')] }, `Option keys[0] must be a key, ${how}`],
    [{ keys: [undefined] }, `Option keys[0] must be a key, ${how}`],
    [{ keys: new Array(1) }, `Option keys[0] must be a key, ${how}`],
    [{ keys: [Object.defineProperty(new Uint8Array(8), 'length', { value: 32 })] }, `Option keys[0] must be a key, ${how}`],
    [Object.defineProperty({}, 'keys', { enumerable: true, get: () => assert.fail() }), 'Option keys cannot be read.'],
    [{ keys: [key(1), key(2), key(1)] }, 'Option keys[2] is the same as one before it.'],
    [{ keys: [key(1)], codec: {} }, 'Option codec must be a codec with encode and decode, for example new JsonCodec().'],
    [{ keys: [key(1)], readsPlain: 'yes' }, 'Option readsPlain must be true or false.'],
    [{ key: [key(1)] }, 'Option key does not exist; there are keys, codec, readsPlain (did you mean keys?).'],
    [{ keys: [key(1)], readPlain: true }, 'Option readPlain does not exist; there are keys, codec, readsPlain (did you mean readsPlain?).'],
  ]
  for (const [options, message] of table)
    t.throws(() => new EncryptedCodec(options as EncryptedCodecOptions), { code: 'FST_ERR_SCS_OPTION', message }, message)
})
