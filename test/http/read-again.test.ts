import t from 'tap'
import { Type } from 'typebox'
import { JsonCodec, type SessionCodec } from '../../index.ts'
import { hashToken } from '../../lib/token.ts'
import { startSite } from './steps.ts'

/** The default codec, which says how often it was asked. */
function counted<C extends SessionCodec>(codec: C): { codec: C; decoded(): number } {
  const decode = codec.decode.bind(codec)
  let times = 0
  codec.decode = (data) => {
    times++
    return decode(data)
  }
  return { codec, decoded: () => times }
}

t.test('what was saved here is never decoded, and what another process saved is, once', async (t) => {
  const { codec, decoded } = counted(new JsonCodec())
  const site = await startSite({ codec })
  const token = await site.start({ list: [1, 2] })
  for (let i = 0; i < 3; i++) t.strictSame((await site.get(token)).json(), { list: [1, 2] })
  t.equal(decoded(), 0, 'what was created here is known')
  await site.post(token, (session) => session.put('list', [3]))
  for (let i = 0; i < 3; i++) t.strictSame((await site.get(token)).json(), { list: [3] })
  t.equal(decoded(), 0, 'what was written here is known')
  const found = await site.store.inner.find(hashToken(token), { expiry: true })
  if (found === undefined) throw new Error('the session is not there')
  const record = { data: Buffer.from(String(found.data).replace('[3]', '[4]')), expiresAt: site.clock() + 1000 }
  t.equal(await site.store.inner.update(hashToken(token), found.data, record), true)
  for (let i = 0; i < 3; i++) t.strictSame((await site.get(token)).json(), { list: [4] })
  t.equal(decoded(), 1)
})

t.test('what a session keeps reads as what comes back from the store, by whichever request', async (t) => {
  const site = await startSite()
  const token = await site.start({ a: 1 })
  await site.post(token, (session) => {
    session.put('missing', { a: 1, b: undefined })
    session.put('bare', Object.assign(Object.create(null), { a: 1 }))
  })
  for (let i = 0; i < 2; i++)
    await site.get(token, (session) => {
      t.strictSame(Object.keys(session.get('missing') as object), ['a'])
      t.equal(Object.getPrototypeOf(session.get('bare')), Object.prototype)
    })
})

t.test('a session that was read before ends like any other: by logout, by its deadline, by its idle time', async (t) => {
  const site = await startSite({ idleTimeout: '20m' })
  const other = await startSite({ store: site.store, clock: site.clock })
  for (const end of [
    (token: string) => site.post(token, (session) => session.destroy()),
    (token: string) => other.post(token, (session) => session.destroy()),
    (token: string) => site.post(token, (session) => session.renewToken()),
    async () => site.clock.advance(21 * 60_000),
  ]) {
    const token = await site.start({ a: 1 })
    for (let i = 0; i < 2; i++) t.strictSame((await site.get(token)).json(), { a: 1 })
    await end(token)
    t.strictSame((await site.get(token)).json(), {})
  }
  const token = await site.start({ a: 1 })
  await site.post(token, (session) => session.setDeadline(new Date(site.clock() + 60_000)))
  for (let i = 0; i < 2; i++) t.strictSame((await site.get(token)).json(), { a: 1 })
  site.clock.advance(60_000)
  t.strictSame((await site.get(token)).json(), {})
})

t.test('requests that share what was decoded cannot change it for each other', async (t) => {
  const site = await startSite()
  const values = { list: [{ n: 1 }], when: new Date(5), bytes: Uint8Array.of(1, 2), map: new Map([['a', Uint8Array.of(3)]]), plain: 'x' }
  const token = await site.start(values)
  const seen: Record<string, unknown>[] = []
  for (let i = 0; i < 3; i++) {
    await site.get(token, (session) => {
      const data = session.data()
      seen.push(data)
      for (const change of [
        () => (data['list'] as { n: number }[]).push({ n: 2 }),
        () => Object.assign((data['list'] as { n: number }[])[0] ?? {}, { n: 2 }),
        () => (data['when'] as Date).setTime(6),
        () => (data['map'] as Map<string, unknown>).set('b', 1),
      ])
        t.throws(change)
      ;(data['bytes'] as Uint8Array)[0] = 9
      ;((data['map'] as Map<string, Uint8Array>).get('a') ?? [])[0] = 9
      data['plain'] = 'y'
      data['more'] = 1
    })
    await site.get(token, (session) => t.strictSame({ ...session.data() }, values))
    await site.post(token, (session) => {
      session.put('plain', 'z')
      throw new Error('this request fails')
    })
  }
  t.equal(seen.length, 3)
})

t.test('a codec of the application’s own is asked each time, a subclass of the default among them', async (t) => {
  class Mine extends JsonCodec {}
  for (const made of [
    new Mine(),
    { encode: (d: number, v: object) => new JsonCodec().encode(d, { ...v }), decode: (b: Uint8Array) => new JsonCodec().decode(b) },
  ]) {
    const { codec, decoded } = counted<SessionCodec>(made)
    const site = await startSite({ codec })
    const token = await site.start({ a: 1 })
    for (let i = 0; i < 3; i++) await site.get(token)
    t.equal(decoded(), 3)
  }
})

t.test('upgrade gets values that it may change, though others have read the same session', async (t) => {
  let accepts = true
  const schema = Type.Object({ list: Type.Refine(Type.Unknown(), () => accepts) })
  const upgrade = (values: Record<string, unknown>) => {
    ;(values['list'] as number[]).push(2)
    accepts = true
    return values
  }
  const site = await startSite({ schema, upgrade })
  const token = await site.start({ list: [1] })
  for (let i = 0; i < 2; i++) t.strictSame((await site.get(token)).json(), { list: [1] })
  accepts = false
  t.strictSame((await site.get(token)).json(), { list: [1, 2] })
  t.strictSame((await site.get(token)).json(), { list: [1] }, 'it was not saved')
})
