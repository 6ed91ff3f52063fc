import t from 'tap'
import { readCookie } from '../../lib/http/cookie.ts'
import { hashToken, isToken, newToken, publicId, renewalKey } from '../../lib/token.ts'
import { fc } from '../support/fc.ts'

const SHAPE = /^[A-Za-z0-9_-]{43}$/
const anyKey = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
)

t.test('a new token is 32 random bytes in 43 characters of base64url', async (t) => {
  const tokens = Array.from({ length: 500 }, newToken)
  for (const token of tokens) {
    t.match(token, SHAPE)
    t.equal(Buffer.from(token, 'base64url').length, 32)
    t.equal(Buffer.from(token, 'base64url').toString('base64url'), token, 'no bits are left over')
  }
  t.equal(new Set(tokens).size, tokens.length, 'no two are equal')
  t.equal(new Set(tokens.join('')).size, 64, 'every character of the alphabet is used')
  const usedAt = Array.from({ length: 43 }, (_, at) => new Set(tokens.map((token) => token[at])).size)
  t.ok(Math.min(...usedAt.slice(0, 42)) > 32, 'at every place, so that no part is the same for all')
  t.equal(usedAt[42], 16, 'and at the last, which has four bits')
})

t.test('the hash of a token is the one that SCS computes', async (t) => {
  const vectors = { example: 'UNhY4JhezH9gQYqvDMWrWH9CwlcKiECVqejMrND2VFw', '': '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU' }
  for (const [token, key] of Object.entries(vectors)) t.equal(hashToken(token), key)
})

t.test('a token is told by its shape', async (t) => {
  const almost = 'A'.repeat(42)
  for (const last of ['A', 'z', '0', '9', '-', '_']) t.ok(isToken(almost + last), last)
  const bad = ['', almost, `${almost}AA`, `${'A'.repeat(43)}\n`, ' '.repeat(43)]
  const strangeLast = [
    '=',
    '+',
    '/',
    ' ',
    '\n',
    '\0',
    '.',
    ';',
    '%',
    '@',
    '[',
    '`',
    '{',
    '\x7f',
    '\x80',
    'ä',
    'Ł',
    '\uff21',
    '\ud800',
    '\u212a',
  ]
  for (const value of [...bad, ...strangeLast.map((last) => almost + last), `${'A'.repeat(41)}😀`, '😀'.repeat(43)]) {
    t.notOk(isToken(value), JSON.stringify(value))
  }
})

t.test('the shape of a token is the regular expression, for any string', async () => {
  const nearly = fc.string({ unit: fc.constantFrom(...'Aa0_-+/= äŁ\uff21\ud800😀'), minLength: 42, maxLength: 44 })
  const mutated = fc.tuple(fc.nat(42), fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })).map(([at, other]) => {
    const token = newToken()
    return token.slice(0, at) + other + token.slice(at + 1)
  })
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), nearly, mutated), (value) => isToken(value) === SHAPE.test(value)),
    { numRuns: 1000 },
  )
})

t.test('a public id never has the shape of a token or of a hashed key, and is not the key', async () => {
  fc.assert(
    fc.property(anyKey, (key) => {
      const id = publicId(key)
      return /^[A-Za-z0-9_-]{22}$/.test(id) && !isToken(id) && !isToken(`${id}`.trim()) && !hashToken(key).startsWith(id)
    }),
  )
})

t.test('a public id says which key it is of', async (t) => {
  t.equal(publicId('a'), publicId('a'))
  t.not(publicId('a'), publicId('b'))
})

t.test('the key of a trace says which key it is of', async (t) => {
  t.equal(renewalKey('a'), renewalKey('a'))
  t.not(renewalKey('a'), renewalKey('b'))
})

t.test('the key of a trace fills 43 characters, begins with a semicolon and is no token', async () => {
  fc.assert(
    fc.property(anyKey, (key) => {
      const trace = renewalKey(key)
      return trace.length === 43 && /^;[A-Za-z0-9_-]{42}$/.test(trace) && !isToken(trace)
    }),
  )
})

t.test('no Cookie header can present the key of a trace', async () => {
  const noise = fc.string({ unit: fc.constantFrom('session=', '; ', ';', '=', ' ', '"', 'a') })
  fc.assert(
    fc.property(noise, anyKey, noise, (before, key, after) => {
      const trace = renewalKey(key)
      return [readCookie(`${before}session=${trace}${after}`, 'session=') ?? []]
        .flat()
        .every((value) => !value.includes(trace) && !value.includes(';'))
    }),
  )
})
