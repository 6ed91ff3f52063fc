import t from 'tap'
import { hashToken, newToken } from '../../lib/token.ts'
import type { FindWant } from '../../types/store.ts'
import { cookieOf, setCookies } from '../support/app.ts'
import { type Handler, holdIn, login, logout, type Site, startSite } from './steps.ts'

const HOUR = 3_600_000

/** A token whose session has the token itself for a key. */
async function plant(site: Site, values: Record<string, unknown>): Promise<string> {
  const token = newToken()
  const data = Buffer.from(JSON.stringify({ deadline: site.clock() + HOUR, values }))
  await site.store.inner.create(token, { data, expiresAt: site.clock() + HOUR })
  return token
}

const start = (options = {}) => startSite({ hashToken: 'migrate', ...options })
const visit: Handler = (session) => session.put('visited', 1)

t.test('a session that was moved and renewed is looked for by the renewal of its new key, after a reload too', async (t) => {
  for (const act of [(session) => session.put('x', 1), logout] as readonly Handler[]) {
    const site = await start()
    const token = await plant(site, { cart: 1 })
    const { handler, held } = holdIn(() => {})
    const slow = site.post(token, async (session, request, reply) => {
      await handler(session, request, reply)
      await session.reload()
      return act(session, request, reply)
    })
    await held.reached
    await site.post(token, visit)
    const fresh = String(cookieOf(await site.post(token, login('ann'))))
    held.release()
    const reply = await slow
    if (act === logout) t.equal(await site.stored(fresh), undefined, 'a logout ends the renewed session')
    else t.strictSame([reply.statusCode, setCookies(reply)], [409, []])
    t.equal(await site.app.sessions.count(), act === logout ? 0 : 1)
  }
})

t.test('of two logins at once both succeed, on a session that was not moved before', async (t) => {
  const site = await start()
  const token = await plant(site, { cart: 1 })
  const { handler, held } = holdIn(login('ann'))
  const slow = site.post(token, handler)
  await held.reached
  const first = await site.post(token, login('ann'))
  held.release()
  const second = await slow
  t.strictSame([first.statusCode, second.statusCode], [200, 200])
  for (const reply of [first, second]) t.match((await site.get(cookieOf(reply))).json(), { user: 'ann' })
})

t.test('a logout with two cookies ends both sessions, also one that moves meanwhile', async (t) => {
  const site = await start()
  const [a, b] = [await plant(site, { s: 1 }), await plant(site, { s: 2 })]
  const { handler, held } = holdIn(() => {})
  const slow = site.send(
    'POST',
    undefined,
    async (session, request, reply) => {
      await handler(session, request, reply)
      return logout(session, request, reply)
    },
    { cookie: `session=${a}; session=${b}` },
  )
  await held.reached
  await site.post(a, visit)
  t.not(await site.store.inner.find(hashToken(a), { expiry: false }), undefined)
  held.release()
  t.equal((await slow).statusCode, 200)
  t.equal(await site.app.sessions.count(), 0)
})

t.test('the look-ups of a load share one budget', async (t) => {
  const site = await start({ storeTimeout: 1000 })
  site.store.gate = () => {
    site.clock.advance(300)
    return undefined
  }
  const untils: number[] = []
  const find = site.store.find.bind(site.store)
  Object.assign(site.store, {
    find(key: string, want: FindWant, until: number) {
      untils.push(until)
      return find(key, want)
    },
  })
  await site.get(newToken())
  t.equal(untils.length, 3)
  // The moment is told by the clock of the machine, so each later one is earlier by what passed on that of the sessions.
  t.ok(Number(untils[1]) < Number(untils[0]) && Number(untils[2]) < Number(untils[1]))
})
