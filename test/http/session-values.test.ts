import t from 'tap'
import { cookieOf } from '../support/app.ts'
import { type Handler, startSite } from './steps.ts'

const VALUES = () => ({
  list: [1, { deep: ['x'] }],
  object: { a: { b: 1 } },
  date: new Date(86_400_000),
  map: new Map<unknown, unknown>([['k', { v: 1 }]]),
  set: new Set<unknown>([1, 'two']),
  bytes: new Uint8Array([1, 2, 3]),
  nested: { bytes: new Uint8Array([9]), dates: [new Date(0)] },
  big: 2n ** 64n,
  nothing: null,
  yes: true,
  number: 1.5,
  text: 'ä\ud83d\ude00',
})

t.test('what went in comes back, in the same request and in the next', async (t) => {
  const site = await startSite()
  const made = await site.post(undefined, (session) => {
    for (const [key, value] of Object.entries(VALUES())) session.put(key, value)
    t.strictSame(session.data(), VALUES())
  })
  await site.get(cookieOf(made), (session) => t.strictSame(session.data(), VALUES()))
})

t.test('what the session hands out cannot be changed in place, be it put just now or stored before', async (t) => {
  const site = await startSite()
  const tamper: Handler = (session) => {
    const readonly = { code: 'FST_ERR_SCS_READONLY' }
    const data = session.data() as ReturnType<typeof VALUES>
    t.throws(() => data.list.push(2), TypeError)
    t.throws(() => (data.list[1] as { deep: string[] }).deep.push('y'), TypeError)
    t.throws(() => Object.assign(data.object.a, { b: 2 }), TypeError)
    t.throws(() => data.date.setTime(0), readonly)
    t.throws(() => data.date.setUTCFullYear(1999), readonly)
    t.throws(() => data.map.set('k', 2), readonly)
    t.throws(() => data.map.delete('k'), readonly)
    t.throws(() => Object.assign(data.map.get('k') as object, { v: 2 }), TypeError)
    t.throws(() => data.set.add(3), readonly)
    t.throws(() => data.set.clear(), readonly)
    t.throws(() => data.nested.dates[0]?.setTime(5), readonly)
    data.bytes.fill(0)
    data.nested.bytes[0] = 0
    t.strictSame(session.data(), VALUES())
  }
  const made = await site.post(undefined, (session, request, reply) => {
    for (const [key, value] of Object.entries(VALUES())) session.put(key, value)
    return tamper(session, request, reply)
  })
  t.equal(made.statusCode, 200)
  const next = await site.post(cookieOf(made), tamper)
  t.equal(next.statusCode, 200)
  await site.get(cookieOf(made), (session) => t.strictSame(session.data(), VALUES()))
})

t.test('bytes that were put in may be changed by their owner afterwards: the session has its own', async (t) => {
  const site = await startSite()
  const bytes = new Uint8Array([1, 2, 3])
  const made = await site.post(undefined, (session) => {
    session.put('bytes', bytes)
    bytes.fill(0)
  })
  await site.get(cookieOf(made), (session) => t.strictSame(session.get('bytes'), new Uint8Array([1, 2, 3])))
})

t.test('a value that cannot be stored is refused at put with its path, and the session stays as it was', async (t) => {
  const site = await startSite()
  const token = await site.start({ a: 1 })
  const loop: Record<string, unknown> = {}
  loop['self'] = loop
  const cases: [unknown, string][] = [
    [() => 1, 'a'],
    [{ b: [0, Symbol('x')] }, 'a.b[1]'],
    [{ b: Number.NaN }, 'a.b'],
    [[Number.POSITIVE_INFINITY], 'a[0]'],
    [{ c: new (class Cart {})() }, 'a.c'],
    [loop, 'a.self'],
    [new Date(Number.NaN), 'a'],
  ]
  for (const [value, path] of cases) {
    const reply = await site.post(token, (session) => {
      try {
        session.put('a', value)
      } finally {
        t.equal(session.get('a'), 1)
        t.equal(session.status, 'unmodified')
      }
    })
    t.equal(reply.json().code, 'FST_ERR_SCS_VALUE')
    t.match(reply.json().message, ` ${path}:`)
  }
  t.strictSame(await site.stored(token), { a: 1 })
})
