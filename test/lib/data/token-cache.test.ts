import { inspect } from 'node:util'
import t from 'tap'
import { TokenCache } from '../../../lib/data/token-cache.ts'

const session = { deadline: 1, values: { a: 1 } }
const bytes = (text: string) => Buffer.from(text)

t.test('what was decoded is known as long as the bytes are the same', async (t) => {
  const known = new TokenCache('session=').add('token', 'key')
  t.equal(known.key, 'key')
  t.equal(known.sessionOf(bytes('')), undefined, 'nothing was decoded yet')
  known.keep(bytes('one'), session)
  t.equal(known.sessionOf(bytes('one')), session)
  t.equal(known.sessionOf(new Uint8Array(bytes('one'))), session, 'bytes of any kind')
  for (const other of ['two', 'one ', 'on', '']) t.equal(known.sessionOf(bytes(other)), undefined, other)
  const next = { deadline: 2, values: {} }
  known.keep(bytes('two'), next)
  t.equal(known.sessionOf(bytes('two')), next)
  t.equal(known.sessionOf(bytes('one')), undefined)
})

t.test('bytes that change later are not taken for those that were decoded', async (t) => {
  const known = new TokenCache('session=').add('token', 'key')
  const data = bytes('one')
  known.keep(data, session)
  data.write('two')
  t.equal(known.sessionOf(data), undefined)
  t.equal(known.sessionOf(bytes('one')), session)
})

t.test('a payload of more than 8 KiB is not kept, nor is what was kept before', async (t) => {
  const known = new TokenCache('session=').add('token', 'key')
  known.keep(bytes('before'), session)
  known.keep(Buffer.alloc(8193), session)
  t.equal(known.sessionOf(Buffer.alloc(8193)), undefined)
  t.equal(known.sessionOf(bytes('before')), undefined)
  known.keep(Buffer.alloc(8192), session)
  t.equal(known.sessionOf(Buffer.alloc(8192)), session)
})

t.test('what several requests share is frozen, the object of the values too', async (t) => {
  const known = new TokenCache('session=').add('token', 'key')
  const values = { list: [{ a: 1 }], id: 7n, none: null }
  known.keep(bytes('one'), { deadline: 1, values })
  t.equal(known.sessionOf(bytes('one'))?.values, values)
  for (const part of [values, values.list, values.list[0]]) t.ok(Object.isFrozen(part))
})

t.test('what one request could change for another is never shared', async (t) => {
  const makes = [() => new Date(1), () => new Map(), () => new Set(), () => new Uint8Array(1), () => [{ a: new Date(1) }]]
  for (const make of makes) {
    const known = new TokenCache('session=').add('token', 'key')
    for (let i = 0; i < 3; i++) {
      t.equal(known.sessionOf(bytes('one')), undefined)
      known.keep(bytes('one'), { deadline: 1, values: { list: [1], open: make() } })
    }
    t.equal(known.sessionOf(bytes('one')), undefined)
    known.keep(bytes('two'), session)
    t.equal(known.sessionOf(bytes('two')), session, 'the next bytes may be others')
  }
})

t.test('no inspection shows a token, a key or a value', async (t) => {
  const recent = new TokenCache('session=')
  const known = recent.add('the token', 'the key')
  known.keep(bytes('the payload'), { deadline: 1, values: { name: 'the value' } })
  known.sessionOf(bytes('the payload'))
  for (const each of [recent, known, { recent, known }]) {
    t.notMatch(inspect(each, { depth: null, showHidden: true, getters: false }), /the (token|key|payload|value)/)
    t.notMatch(JSON.stringify(each), /the (token|key|payload|value)/)
  }
})

/** A name as long as a token. */
const tokenOf = (name: string) => name.padEnd(43, '-')

t.test('a token that is not used for as long as 1024 others come is forgotten; one that is used stays', async (t) => {
  const recent = new TokenCache('session=')
  const used = recent.add(tokenOf('used'), 'key of used')
  recent.add(tokenOf('unused'), 'key of unused')
  for (let i = 0; i < 2000; i++) {
    recent.add(tokenOf(`token${i}`), `key${i}`)
    t.equal(recent.of(tokenOf('used')), used)
    if (i === 500) t.not(recent.of(tokenOf('token0')), undefined)
  }
  t.equal(recent.of(tokenOf('unused')), undefined)
  t.equal(recent.of(tokenOf('token0')), undefined)
  t.equal([...Array(2000).keys()].filter((i) => recent.of(tokenOf(`token${i}`)) !== undefined).length <= 1024, true)
})

t.test('a token whose session ended is forgotten, of whichever generation it is', async (t) => {
  const recent = new TokenCache('session=')
  recent.add(tokenOf('old'), 'key')
  for (let i = 0; i < 512; i++) recent.add(tokenOf(`token${i}`), `key${i}`)
  for (const token of ['old', 'token511'].map(tokenOf)) {
    t.not(recent.of(token), undefined)
    recent.forget(token)
    t.equal(recent.of(token), undefined)
  }
})

t.test('a token is found by a header that holds its cookie alone, and by no other text', async (t) => {
  const recent = new TokenCache('session=')
  const token = tokenOf('mine')
  const cached = recent.add(token, 'key')
  const header = `session=${token}`
  t.equal(recent.ofHeader(header), undefined)
  for (const longer of [`${header};`, `a=1; ${header}`, ` ${header}`, `session="${token}"`]) {
    recent.addHeader(longer, cached)
    t.equal(recent.ofHeader(longer), undefined, 'a header that may hold other cookies is not kept')
  }
  recent.addHeader(header, cached)
  t.equal(recent.ofHeader(header), undefined, 'one that came once is not kept')
  recent.addHeader(header, cached)
  t.equal(recent.ofHeader(header), cached)
  t.equal(cached.token, token)
  t.equal(recent.of(header), undefined, 'a header is no token')
  t.equal(recent.ofHeader(token), undefined, 'a token is no header')
  recent.forget(token)
  t.equal(recent.ofHeader(header), undefined)
})

t.test('the bytes of a payload are known while it is the last one, and made once', async (t) => {
  const cached = new TokenCache('session=').add(tokenOf('mine'), 'key')
  t.equal(cached.known, undefined)
  cached.note(bytes('a'))
  cached.note(bytes('b'))
  const { known } = cached
  if (known === undefined) throw new Error('nothing is known')
  t.equal(known.text, 'a', 'one that was not decoded is noted where there is none')
  t.strictSame(Buffer.from(known.data), bytes('a'))
  t.equal(known.data, known.data)
  t.equal(cached.sessionOf(known.data), undefined, 'it was not decoded')
  const session = { deadline: 1, values: { n: 1 } }
  cached.keep(bytes('a'), session)
  t.equal(cached.sessionOf(cached.known?.data ?? bytes('')), session)
  cached.keep(bytes('b'), { deadline: 2, values: {} })
  t.equal(cached.known?.text, 'b')
  t.equal(cached.sessionOf(known.data), undefined, 'the bytes of before')
  cached.keep(Buffer.alloc(8193), session)
  t.equal(cached.known, undefined, 'a large one is not kept')
})
