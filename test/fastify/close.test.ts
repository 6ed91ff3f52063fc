import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import Fastify from 'fastify'
import t from 'tap'
import scsSession, { MemoryStore } from '../../index.ts'
import { listen, makeApp, settled, watchCrashes } from '../support/app.ts'
import { SpyStore } from '../support/spy-store.ts'

const PAUSE = 20
const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE))

/** A store that is to be cleaned every other millisecond. */
class CleanedStore extends SpyStore {
  readonly cleanupInterval = 2
}

t.test('app.close() closes the store and ends its clean-up', async (t) => {
  const store = new CleanedStore('async')
  const { app } = await makeApp({ store })
  while (!store.take().includes('deleteExpired')) await pause()
  await app.close()
  t.equal(store.take().filter((verb) => verb === 'close').length, 1)
  await pause()
  t.same(store.take(), [])
})

t.test('the plugin keeps no process alive, with the store in memory neither before nor after app.close()', async (t) => {
  const alive = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
  const before = alive()
  const { app } = await makeApp({ store: new MemoryStore() }, (app) => void app.get('/', async (request) => request.session.put('a', 1)))
  await app.inject('/')
  t.equal(alive(), before)
  await app.close()
  t.equal(alive(), before)
})

t.test('a load and a commit leave no timer behind', async (t) => {
  const alive = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
  const { app } = await makeApp({ store: new SpyStore('async'), storeTimeout: '1h' }, (app) => {
    app.get('/', async (request) => request.session.update('n', (n) => Number(n ?? 0) + 1))
  })
  const before = alive()
  const { cookie } = await app.sessions.create({ a: 1 })
  await app.inject({ url: '/', cookies: cookie })
  t.equal(alive(), before)
})

t.test('app.close() lets requests in flight save their sessions first', async (t) => {
  const crashes = watchCrashes(t)
  const store = new SpyStore('async')
  let entered = () => {}
  let go = () => {}
  const inHandler = new Promise<void>((resolve) => (entered = resolve))
  const mayGo = new Promise<void>((resolve) => (go = resolve))
  const { app } = await makeApp({ store }, (app) => {
    app.get('/', async (request) => {
      entered()
      await mayGo
      request.session.put('a', 1)
      return 'body'
    })
  })
  const base = await listen(t, app)
  // A connection of its own: one that is kept alive would keep the server waiting, whatever the plugin does.
  const pending = once(get(base, { agent: false }), 'response') as Promise<[IncomingMessage]>
  await inHandler
  const closing = app.close()
  await settled()
  go()
  const [reply] = await pending
  t.equal(reply.statusCode, 200)
  t.equal(await text(reply), 'body')
  t.equal(reply.headers['set-cookie']?.length, 1)
  await closing
  t.same(store.take(), ['create', 'close'])
  t.same(crashes, [])
})

t.test('a store that cannot be closed makes app.close() say so, within the budget', async (t) => {
  for (const [fault, code] of [
    ['before', 'FST_ERR_SCS_STORE'],
    ['hang', 'FST_ERR_SCS_TIMEOUT'],
  ] as const) {
    const store = new SpyStore('async')
    store.fail('close', fault)
    const { app } = await makeApp({ store, storeTimeout: 30 })
    await t.rejects(app.close(), { code })
  }
})

t.test('a manager whose register was refused does not go on cleaning once the application is closed', async (t) => {
  for (const options of [{ cookie: { name: 'session' } }, { cookie: { name: 'other' } }]) {
    const store = new CleanedStore('async')
    const app = Fastify()
    await app.register(scsSession)
    await t.rejects(async () => await app.register(scsSession, { ...options, store }))
    await app.close().catch(() => {})
    await pause()
    store.take()
    await pause()
    t.same(store.take(), [])
  }
})
