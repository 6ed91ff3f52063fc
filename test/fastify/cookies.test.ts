import fastifyCookie from '@fastify/cookie'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import scsSession from '../../index.ts'
import { cookieOf, setCookies } from '../support/app.ts'
import { SpyStore } from '../support/spy-store.ts'

type Order = 'before' | 'after' | 'without'

async function start(order: Order, mode: 'sync' | 'async', routes: (app: FastifyInstance) => void) {
  const app = Fastify()
  const store = new SpyStore(mode)
  if (order === 'before') await app.register(fastifyCookie)
  await app.register(scsSession, { store })
  if (order === 'after') await app.register(fastifyCookie, { secret: 'a secret of the application' })
  routes(app)
  return { app, store }
}

for (const mode of ['sync', 'async'] as const) {
  for (const order of ['before', 'after'] as const) {
    t.test(`with @fastify/cookie registered ${order} the plugin, its cookies and ours arrive together (${mode} store)`, async (t) => {
      const { app, store } = await start(order, mode, (app) => {
        app.get('/handler', async (request, reply) => {
          reply.setCookie('theirs', '1')
          request.session.put('a', 1)
          return 'body'
        })
        app.get('/commit', async (request, reply) => {
          request.session.put('a', 1)
          reply.setCookie('theirs', '1')
          await request.session.commit()
          request.session.renewToken()
          return 'body'
        })
        app.get('/onsend', {
          onSend: async (_request, reply) => void reply.setCookie('theirs', '1'),
          handler: async (request) => request.session.put('a', 1),
        })
        app.get('/unreturned', async (request, reply) => {
          reply.setCookie('theirs', '1')
          request.session.put('a', 1)
          reply.send('body')
        })
        app.get('/read', async (request, reply) => {
          reply.setCookie('theirs', '1')
          return { theirs: request.cookies['theirs'], a: request.session.get('a') }
        })
      })
      for (const url of ['/handler', '/commit', '/onsend', '/unreturned']) {
        const reply = await app.inject(url)
        t.same(setCookies(reply).length, 2, url)
        t.equal(cookieOf(reply, 'theirs'), '1', url)
        const session = await app.sessions.find(cookieOf(reply) ?? '')
        t.equal(session?.get('a'), 1, url)
      }
      const { cookie } = await app.sessions.create({ a: 1 })
      store.take()
      const read = await app.inject({ url: '/read', cookies: { ...cookie, theirs: '2' } })
      t.same(read.json(), { theirs: '2', a: 1 })
      t.equal(setCookies(read).length, 1)
      t.same(store.take(), ['find'])
    })

    t.test(`with @fastify/cookie registered ${order} the plugin, a failed save sends no session cookie (${mode} store)`, async (t) => {
      const { app, store } = await start(order, mode, (app) => {
        app.get('/', async (request, reply) => {
          reply.setCookie('theirs', '1')
          request.session.put('a', 1)
        })
      })
      store.fail('create', 'before')
      const reply = await app.inject('/')
      t.equal(reply.statusCode, 503)
      t.equal(cookieOf(reply), undefined)
    })
  }

  t.test(`without @fastify/cookie the plugin does its work, and adds no cookie methods (${mode} store)`, async (t) => {
    const { app } = await start('without', mode, (app) => void app.get('/', async (request) => request.session.put('a', 1)))
    t.equal(setCookies(await app.inject('/')).length, 1)
    t.notOk(app.hasReplyDecorator('setCookie'))
    t.notOk(app.hasRequestDecorator('cookies'))
  })
}

t.test('a root hook of onSend may set cookies of @fastify/cookie, registered before the plugin or after', async (t) => {
  for (const place of ['before', 'after'] as const) {
    const app = Fastify()
    const addHook = () => app.addHook('onSend', async (_request, reply) => void reply.setCookie('theirs', '1'))
    await app.register(fastifyCookie)
    if (place === 'before') addHook()
    await app.register(scsSession)
    if (place === 'after') addHook()
    app.get('/', async (request) => request.session.put('a', 1))
    const reply = await app.inject('/')
    t.same(setCookies(reply).length, 2, place)
    t.ok(cookieOf(reply))
    t.equal(cookieOf(reply, 'theirs'), '1')
  }
})
