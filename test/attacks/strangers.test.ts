import Fastify from 'fastify'
import t, { type Test } from 'tap'
import scsSession, { MemoryStore } from '../../index.ts'
import { newToken } from '../../lib/token.ts'
import { startSite } from '../http/steps.ts'
import { cookieOf } from '../support/app.ts'
import { LIMIT } from '../support/limit.ts'
import { SpyStore } from '../support/spy-store.ts'

t.setTimeout(LIMIT)

/** A site without a log, for many requests. */
async function quietSite(t: Test, store: SpyStore) {
  const app = Fastify()
  await app.register(scsSession, { store, owner: 'user', idleTimeout: '20m' })
  app.get('/read', async ({ session }) => [session.get('user'), session.keys(), session.id, session.status])
  app.post('/renew', async ({ session }) => session.renewToken())
  app.post('/logout', async ({ session }) => session.destroy())
  app.post('/clear', async ({ session }) => void [session.clear(), session.remove('user'), session.pop('user')])
  app.post('/fail', async ({ session }) => {
    session.put('user', 'x')
    throw new Error('the handler fails')
  })
  t.teardown(() => app.close())
  return app
}

const URLS = ['/read', '/renew', '/logout', '/clear', '/fail', '/nowhere', '/read']

/** A Cookie header of a stranger, and whether it may cost a read. */
const COOKIES: readonly (readonly [(i: number) => string | undefined, boolean])[] = [
  [() => undefined, false],
  [() => `session=${newToken()}`, true],
  [(i) => `session=${'x'.repeat(i % 43)}`, false],
  [() => 'session=', false],
  [() => `session=${newToken()}=`, false],
  [() => `session="${newToken()}`, false],
  [() => `session=%41${newToken().slice(3)}`, false],
  [(i) => `other=${newToken()}; x${i}=1`, false],
]

t.test(
  'attack 9: 10,000 requests of strangers, logouts and renewals among them, write nothing, and only what could be a token is looked up',
  async (t) => {
    const store = new SpyStore('sync')
    const app = await quietSite(t, store)
    let reads = 0
    let logOuts = 0
    for (let i = 0; i < 10_000; i++) {
      const [header, mayRead] = COOKIES[i % COOKIES.length] ?? [() => undefined, false]
      const url = URLS[i % URLS.length] ?? '/'
      const cookie = header(i)
      const method = url === '/read' || url === '/nowhere' ? 'GET' : 'POST'
      const reply = await app.inject({ method, url, headers: cookie ? { cookie } : {} })
      const calls = store.take()
      reads += calls.length
      if (mayRead && url === '/logout') logOuts++
      if (calls.some((verb) => verb !== 'find')) t.fail(`${url} ${cookie}: ${calls}`)
      // A logout looks for the trace of a renewal as well.
      const most = url === '/logout' ? 2 : 1
      if (calls.length > (mayRead ? most : 0)) t.fail(`${url} ${cookie}: ${calls}`)
      if (cookieOf(reply)) t.fail(`${url} ${cookie}: a cookie`)
    }
    t.equal(reads, 10_000 / COOKIES.length + logOuts, 'one for each token that could be one')
    t.equal(await app.sessions.count(), 0)
  },
)

t.test('attack 10: guesses can be counted where loads are published, and leave no line in the log', async (t) => {
  const { channel } = await import('node:diagnostics_channel')
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  let unknown = 0
  const listen = (message: unknown) => {
    if ((message as { result: string }).result === 'unknown') unknown++
  }
  channel('tracing:scs:load:asyncEnd').subscribe(listen)
  t.teardown(() => channel('tracing:scs:load:asyncEnd').unsubscribe(listen))
  for (let i = 0; i < 10; i++) await site.get(newToken())
  await site.get(token)
  await site.get(undefined)
  t.equal(unknown, 10)
  t.strictSame(site.warnings(), [])
})

t.test('attack 43: whoever may start sessions drops the oldest of a full memory store, and never makes it grow', async (t) => {
  const site = await startSite({ store: new MemoryStore({ maxSessions: 100 }) })
  for (let i = 0; i < 300; i++) await site.post(undefined, (session) => session.put('cart', i))
  t.equal(await site.app.sessions.count(), 100)
  t.equal(site.warnings().length, 1, 'one warning')
})

t.test('attack 43: what a handler was given is no way into the store', async (t) => {
  const site = await startSite({}, 'sync')
  const token = await site.start({ cart: [{ sku: 'tea' }], when: new Date(0) })
  await site.get(token, (session) => {
    const cart = session.get('cart') as { sku: string }[]
    t.throws(() => cart.push({ sku: 'gold' }), TypeError)
    t.throws(() => Object.assign(cart[0] ?? {}, { sku: 'gold' }), TypeError)
    t.throws(() => (session.get('when') as Date).setTime(1))
    Object.assign(session.data(), { admin: true })
  })
  t.strictSame((await site.get(token)).json(), { cart: [{ sku: 'tea' }], when: '1970-01-01T00:00:00.000Z' })
})
