import Fastify from 'fastify'
import t from 'tap'
import scsSession, { type Duration, defineSession } from '../../index.ts'
import { cookieOf, setCookies } from '../support/app.ts'
import { SpyStore } from '../support/spy-store.ts'

interface Shop {
  cart?: string[]
}

interface Admin {
  role?: 'reader' | 'writer'
  since?: Date
}

for (const mode of ['sync', 'async'] as const) {
  t.test(`two defined sessions live side by side, each with its type (${mode} stores)`, async (t) => {
    const shop = defineSession<Shop>({ store: new SpyStore(mode) })
    const admin = defineSession<Admin>({ decorators: { request: 'adminSession', instance: 'adminSessions' }, cookie: { name: 'admin' } })
    const adminStore = new SpyStore(mode)
    const app = Fastify()
    await app.register(shop.plugin)
    await app.register(admin.plugin, { store: adminStore, lifetime: '1h' })
    app.post('/shop', async (request) => shop.of(request).update('cart', (cart) => [...(cart ?? []), 'tea']))
    app.post('/admin', async (request) => {
      admin.of(request).put('role', 'writer')
      admin.of(request).put('since', new Date(0))
    })
    app.get('/', async (request) => ({ cart: shop.of(request).get('cart'), role: admin.of(request).get('role') }))

    const shopping = await app.inject({ method: 'POST', url: '/shop' })
    const administering = await app.inject({ method: 'POST', url: '/admin' })
    t.match(setCookies(administering)[0], /^admin=.*Max-Age=3600/, 'options at register complete those of the definition')
    t.same(adminStore.take(), ['create'])
    const cookies = { session: cookieOf(shopping) ?? '', admin: cookieOf(administering, 'admin') ?? '' }
    t.same((await app.inject({ url: '/', cookies })).json(), { cart: ['tea'], role: 'writer' })

    t.equal(await shop.manager(app).count(), 1)
    const found = await admin.manager(app).find(cookies.admin)
    t.equal(found?.get('since')?.getTime(), 0)
    const { cookie } = await shop.manager(app).create({ cart: ['milk'] })
    t.same((await app.inject({ url: '/', cookies: cookie })).json(), { cart: ['milk'] })
  })
}

t.test('a defined session that was not registered says so, and one definition serves two applications', async (t) => {
  const shop = defineSession<Shop>()
  const without = Fastify()
  without.get('/', async (request) => shop.of(request).get('cart'))
  t.match((await without.inject('/')).json(), { statusCode: 500, code: 'FST_ERR_SCS_NOT_LOADED' })
  t.throws(() => shop.manager(without), { code: 'FST_ERR_SCS_NOT_LOADED' })

  const apps = [Fastify(), Fastify()]
  for (const app of apps) {
    await app.register(shop.plugin)
    app.get('/', async (request) => shop.of(request).put('cart', []))
  }
  await apps[0]?.inject('/')
  t.same(await Promise.all(apps.map((app) => shop.manager(app).count())), [1, 0], 'each with a store of its own')
})

t.test('options given at register and in the definition are checked like any other', async (t) => {
  const wrong = { lifetime: 'long' as Duration }
  for (const [defined, registered] of [
    [wrong, {}],
    [{}, wrong],
  ] as const) {
    const app = Fastify()
    await t.rejects(async () => await app.register(defineSession<Shop>(defined).plugin, registered), { code: 'FST_ERR_SCS_OPTION' })
  }
})

t.test('the plugin says what it is called and which Fastify it needs', async (t) => {
  const meta = { fastify: '5.x', name: 'fastify-scs' }
  for (const plugin of [scsSession, defineSession().plugin]) t.match((plugin as never)[Symbol.for('plugin-meta')], meta)
  const app = Fastify()
  await app.register(scsSession)
  t.ok(app.hasPlugin('fastify-scs'))
  await app.close()
})
