import { inspect } from 'node:util'
import t from 'tap'
import { TokenCache } from '../../../lib/data/token-cache.ts'

const session = { deadline: 1, values: { a: 1 } }
const bytes = (text: string) => Buffer.from(text)

t.test('what was decoded is known as long as the bytes are the same', async (t) => {
  const known = new TokenCache().add('token', 'key')
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
  const known = new TokenCache().add('token', 'key')
  const data = bytes('one')
  known.keep(data, session)
  data.write('two')
  t.equal(known.sessionOf(data), undefined)
  t.equal(known.sessionOf(bytes('one')), session)
})

t.test('a payload of more than 8 KiB is not kept, nor is what was kept before', async (t) => {
  const known = new TokenCache().add('token', 'key')
  known.keep(bytes('before'), session)
  known.keep(Buffer.alloc(8193), session)
  t.equal(known.sessionOf(Buffer.alloc(8193)), undefined)
  t.equal(known.sessionOf(bytes('before')), undefined)
  known.keep(Buffer.alloc(8192), session)
  t.equal(known.sessionOf(Buffer.alloc(8192)), session)
})

t.test('what several requests share is frozen, the object of the values too', async (t) => {
  const known = new TokenCache().add('token', 'key')
  const values = { list: [{ a: 1 }], id: 7n, none: null }
  known.keep(bytes('one'), { deadline: 1, values })
  t.equal(known.sessionOf(bytes('one'))?.values, values)
  for (const part of [values, values.list, values.list[0]]) t.ok(Object.isFrozen(part))
})

t.test('what one request could change for another is never shared', async (t) => {
  const makes = [() => new Date(1), () => new Map(), () => new Set(), () => new Uint8Array(1), () => [{ a: new Date(1) }]]
  for (const make of makes) {
    const known = new TokenCache().add('token', 'key')
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
  const recent = new TokenCache()
  const known = recent.add('the token', 'the key')
  known.keep(bytes('the payload'), { deadline: 1, values: { name: 'the value' } })
  known.sessionOf(bytes('the payload'))
  for (const each of [recent, known, { recent, known }]) {
    t.notMatch(inspect(each, { depth: null, showHidden: true, getters: false }), /the (token|key|payload|value)/)
    t.notMatch(JSON.stringify(each), /the (token|key|payload|value)/)
  }
})

t.test('a token that is not used for as long as 1024 others come is forgotten; one that is used stays', async (t) => {
  const recent = new TokenCache()
  const used = recent.add('used', 'key of used')
  recent.add('unused', 'key of unused')
  for (let i = 0; i < 2000; i++) {
    recent.add(`token${i}`, `key${i}`)
    t.equal(recent.of('used'), used)
    if (i === 500) t.not(recent.of('token0'), undefined)
  }
  t.equal(recent.of('unused'), undefined)
  t.equal(recent.of('token0'), undefined)
  t.equal([...Array(2000).keys()].filter((i) => recent.of(`token${i}`) !== undefined).length <= 1024, true)
})

t.test('a token whose session ended is forgotten, of whichever generation it is', async (t) => {
  const recent = new TokenCache()
  recent.add('old', 'key')
  for (let i = 0; i < 512; i++) recent.add(`token${i}`, `key${i}`)
  for (const token of ['old', 'token511']) {
    t.not(recent.of(token), undefined)
    recent.forget(token)
    t.equal(recent.of(token), undefined)
  }
})
