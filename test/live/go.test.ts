import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { goType } from '../../lib/codecs/gob.ts'
import { both, type Handler, HOUR, PLACES, type Place, SECOND } from '../support/go-and-node.ts'
import { GoService, type GoSettings, type Step } from '../support/go-scs.ts'
import { LIMIT } from '../support/limit.ts'

t.setTimeout(LIMIT)

const service = new GoService()
t.teardown(() => service.close())

for (const [name, open] of Object.entries(PLACES)) {
  t.test(name, async (t) => {
    const place = await open(t)
    for (const hash of [true, false])
      t.test(
        hash ? 'hashed keys' : 'plain keys',
        async (t) => await story(t, await both(t, service, place, { hashToken: hash }, { Hash: hash })),
      )
    t.test('lifetimes', async (t) => await lifetimes(t, place))
    t.test('what the choice to be remembered does', async (t) => await remembered(t, place))
  })
}

type Services = Awaited<ReturnType<typeof both>>

/** A login at one is a login at the other, and each sees and ends what the other did. */
async function story(t: Test, { node, go }: Services): Promise<void> {
  const { token } = await node(undefined, (session) => {
    session.put('user', 'ada')
    session.put('visits', goType('int64', 1))
    session.put('ratio', goType('float64', 3))
  })
  t.same((await go(token)).values, { user: 'string ada', visits: 'int64 1', ratio: 'float64 3' })
  await go(token, ['put', 'since', 'time.Time', '2026-01-02T03:04:05.000000006+01:00'], ['put', 'key', '[]uint8', 'AQID'])
  const read = await node(token, (session) => {
    session.update('visits', (visits) => Number(visits) + 1)
    return { since: session.get('since'), key: [...(session.get('key') as Uint8Array)] }
  })
  t.same(read.values, { since: '2026-01-02T02:04:05.000Z', key: [1, 2, 3] })
  const after = { user: 'string ada', visits: 'int64 2', ratio: 'float64 3' }
  t.match((await go(token)).values, { ...after, since: 'time.Time 2026-01-02T03:04:05.000000006+01:00', key: '[]uint8 AQID' })
  await go(token, ['pop', 'since'], ['remove', 'key'])
  t.same((await node(token)).values, { user: 'ada', visits: 2, ratio: 3 })
  await node(token, (session) => session.remove('ratio'))
  t.same((await go(token)).values, { user: 'string ada', visits: 'int64 2' })
  const renewed = (await go(token, ['renew'])).token
  t.same([(await node(token)).values, (await node(renewed)).values], [{}, { user: 'ada', visits: 2 }])
  const again = (await node(renewed, (session) => session.renewToken())).token
  t.same([(await go(renewed)).values, (await go(again)).values], [{}, { user: 'string ada', visits: 'int64 2' }])
  await node(again, (session) => session.destroy())
  t.same((await go(again)).values, {})
  const other = (await go(undefined, ['put', 'user', 'string', 'bob'])).token
  t.same((await node(other)).values, { user: 'bob' })
  await go(other, ['destroy'])
  t.same((await node(other)).values, {})
}

/** The absolute end, and the idle one: a person who is active at one of the two alone stays logged in, in the store and in the browser. */
async function lifetimes(t: Test, place: Place): Promise<void> {
  const short = await both(t, service, place, { lifetime: 2000 }, { Lifetime: 2 * SECOND })
  const ends = [await short.node(undefined, (session) => session.put('a', 1)), await short.go(undefined, ['put', 'a', 'int', '1'])]
  const idle = await both(t, service, place, { idleTimeout: 3000, touchInterval: 100, cookie: { rolling: true } }, { Idle: 3 * SECOND })
  const { token } = await idle.go(undefined, ['put', 'a', 'int', '1'])
  for (let i = 0; i < 5; i++) {
    await sleep(800)
    const { values, cookie } = await idle.node(token)
    t.same(values, { a: 1 })
    t.match(cookie, /; Max-Age=3;/, 'the cookie ends with the idle time, as that of Go does')
  }
  for (const { token } of ends) t.same([(await short.node(token)).values, (await short.go(token)).values], [{}, {}])
  await sleep(3100)
  t.same([(await idle.go(token)).values, (await idle.node(token)).values], [{}, {}])
}

/** `rememberMe` of either is seen by the other: it decides whether the cookie stays when the browser is closed. */
async function remembered(t: Test, place: Place): Promise<void> {
  const { node, go } = await both(t, service, place, { cookie: { persist: false } }, { Persist: false })
  const first = await go(undefined, ['put', 'a', 'int', '1'])
  t.notMatch(first.cookie, 'Max-Age')
  t.match((await node(first.token, (session) => session.rememberMe(true))).cookie, 'Max-Age=')
  t.match((await go(first.token, ['put', 'a', 'int', '2'])).cookie, 'Max-Age=')
  await go(first.token, ['remember', '', '', 'false'])
  t.notMatch((await node(first.token, (session) => session.renewToken())).cookie, 'Max-Age')
}

/** What happens to a write of either that is in flight while the other does something. */
t.test('the table of what Go can undo', async (t) => {
  const place = await (PLACES['PostgreSQL'] as (t: Test) => Promise<Place>)(t)
  const { node, go } = await both(t, service, place)
  const start = async () => String((await node(undefined, (session) => session.put('a', 1))).token)
  const slow: Step = ['sleep', '', '', '400ms']
  /** Runs one in flight, the other in its middle, and says what is there then. */
  const meet = async (inFlight: (token: string) => Promise<{ code?: number }>, meanwhile: (token: string) => Promise<unknown>) => {
    const token = await start()
    const first = inFlight(token)
    await sleep(150)
    await meanwhile(token)
    const { code } = await first
    return { code, values: (await go(token)).values }
  }
  const nodeWrites = (token: string) =>
    node(token, async (session) => {
      session.put('node', 1)
      await sleep(400)
      return {}
    })
  const second = new GoService()
  t.teardown(() => second.close())
  const settings: GoSettings = { ...place.at, Hash: true, Lifetime: HOUR * SECOND, Idle: 0, Persist: true }
  const goWrites = async (token: string) => {
    await second.send(settings, token, ['put', 'go', 'int', '1'], slow)
    return {}
  }
  const quick = (token: string, use: Handler) => node(token, use)
  t.same(await meet(nodeWrites, (token) => go(token, ['put', 'go', 'int', '1'])), {
    code: 200,
    values: { a: 'int 1', node: 'int 1', go: 'int 1' },
  })
  t.same(await meet(goWrites, (token) => quick(token, (session) => session.put('node', 1))), {
    code: undefined,
    values: { a: 'int 1', go: 'int 1' },
  })
  t.same(await meet(nodeWrites, (token) => go(token, ['destroy'])), { code: 409, values: {} })
  t.same(await meet(nodeWrites, (token) => go(token, ['renew'])), { code: 409, values: {} })
  t.same(await meet(goWrites, (token) => quick(token, (session) => session.destroy())), {
    code: undefined,
    values: { a: 'int 1', go: 'int 1' },
  })
  t.same(await meet(goWrites, (token) => quick(token, (session) => session.renewToken())), {
    code: undefined,
    values: { a: 'int 1', go: 'int 1' },
  })
})
