import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import t from 'tap'
import scsSession, { MemoryStore, type ScsOptions, type ScsSession } from '../../index.ts'
import { cookieOf, makeApp, setCookies } from '../support/app.ts'
import { SpyStore } from '../support/spy-store.ts'

const ADMIN: ScsOptions = { decorators: { request: 'admin', instance: 'admins' }, cookie: { name: 'admin' } }
const adminOf = (request: FastifyRequest) => request.getDecorator<ScsSession>('admin')

for (const mode of ['sync', 'async'] as const) {
  t.test(`two managers in one application each have their cookie, their store and their commit (${mode} stores)`, async (t) => {
    const [users, admins] = [new SpyStore(mode), new SpyStore(mode)]
    const { app } = await makeApp({ store: users }, async (app) => {
      await app.register(scsSession, { ...ADMIN, store: admins })
      app.post('/both', async (request) => {
        request.session.put('who', 'user')
        adminOf(request).put('who', 'admin')
      })
      app.post('/admin', async (request) => adminOf(request).put('who', 'admin'))
      app.get('/', async (request) => [request.session.get('who'), adminOf(request).get('who')])
    })
    const both = await app.inject({ method: 'POST', url: '/both' })
    t.same(
      setCookies(both).map((cookie) => cookie.split('=')[0]),
      ['session', 'admin'],
    )
    t.equal(both.headers['vary'], 'Cookie')
    t.equal(both.headers['cache-control'], 'no-cache="Set-Cookie"')
    t.same([users.take(), admins.take()], [['create'], ['create']])

    const cookies = { session: cookieOf(both) ?? '', admin: cookieOf(both, 'admin') ?? '' }
    t.same((await app.inject({ url: '/', cookies })).json(), ['user', 'admin'])
    t.same((await app.inject({ url: '/', cookies: { admin: cookies.admin } })).json(), [null, 'admin'])
    t.same((await app.inject({ url: '/', cookies: { session: cookies.admin, admin: cookies.session } })).json(), [null, null])
    users.take()
    admins.take()
    const one = await app.inject({ method: 'POST', url: '/admin' })
    t.same(setCookies(one).length, 1)
    t.same([users.take(), admins.take()], [[], ['create']])
  })

  t.test(`an async handler that sends without returning: each of two managers commits once (${mode} stores)`, async (t) => {
    const [users, admins] = [new SpyStore(mode), new SpyStore(mode)]
    const { app } = await makeApp({ store: users }, async (app) => {
      await app.register(scsSession, { ...ADMIN, store: admins })
      app.get('/', async (request, reply) => {
        request.session.put('who', 'user')
        adminOf(request).put('who', 'admin')
        reply.send('body')
      })
    })
    const reply = await app.inject('/')
    t.match(reply, { statusCode: 200, body: 'body' })
    t.equal(setCookies(reply).length, 2)
    t.same([users.take(), admins.take()], [['create'], ['create']])
  })

  t.test(`when one of two managers cannot save, the reply is a 503 (${mode} stores)`, async (t) => {
    for (const failing of [0, 1]) {
      const stores = [new SpyStore(mode), new SpyStore(mode)] as const
      stores[failing]?.fail('create', 'before')
      const { app } = await makeApp({ store: stores[0] }, async (app) => {
        await app.register(scsSession, { ...ADMIN, store: stores[1] })
        app.get('/', async (request) => {
          request.session.put('who', 'user')
          adminOf(request).put('who', 'admin')
          return 'body'
        })
      })
      const reply = await app.inject('/')
      t.match(reply.json(), { statusCode: 503, code: 'FST_ERR_SCS_STORE' })
      t.equal(cookieOf(reply, failing === 0 ? 'session' : 'admin'), undefined)
    }
  })
}

t.test('sibling scopes can have managers with the same names; the scope around them has none', async (t) => {
  const app = Fastify()
  const stores = { a: new SpyStore(), b: new SpyStore() }
  for (const [name, store] of Object.entries(stores)) {
    app.register(
      async (scope) => {
        await scope.register(scsSession, { store, cookie: { path: `/${name}` } })
        scope.get('/', async (request) => {
          request.session.put('scope', name)
          return scope.sessions.count()
        })
      },
      { prefix: name },
    )
  }
  app.get('/', async (request) => String('session' in request))
  const reply = await app.inject('/a')
  t.match(setCookies(reply)[0], /Path=\/a;/)
  t.same([stores.a.take(), stores.b.take()], [['count', 'create'], []])
  t.match(await app.inject('/'), { body: 'false' })
  t.equal((await app.inject('/')).headers['vary'], undefined)
  t.notOk(app.hasDecorator('sessions'))
})

t.test('a child scope adds a manager of its own to that of its parent', async (t) => {
  const { app } = await makeApp({}, (app) => {
    app.register(async (child) => {
      await child.register(scsSession, ADMIN)
      child.get('/child', async (request) => {
        request.session.put('a', 1)
        adminOf(request).put('b', 2)
      })
    })
    app.get('/', async (request) => request.session.put('a', 1))
  })
  t.equal(setCookies(await app.inject('/child')).length, 2)
  t.equal(setCookies(await app.inject('/')).length, 1)
})

t.test('managers that share a store are told so, with their cookies, and those with stores of their own are not', async (t) => {
  for (const shared of [false, true]) {
    const [first, second] = [new MemoryStore(), new MemoryStore()]
    const { app, warnings } = await makeApp({ store: first }, async (app) => {
      await app.register(scsSession, { ...ADMIN, store: second })
      const decorators = { request: 'guest', instance: 'guests' }
      await app.register(scsSession, { decorators, cookie: { name: 'guest' }, store: shared ? first : new MemoryStore() })
    })
    await app.ready()
    t.strictSame(
      warnings().map(({ msg, cookies }) => [msg, cookies]),
      shared ? [['managers share a store, so the token of one is a token of the other', ['session', 'guest']]] : [],
    )
    await app.close()
  }
})

const RIVALS =
  'two managers set the same cookie, of which a browser keeps one: unless their stores hold the same sessions, give each a cookie.name or a ' +
  'cookie.path of its own'

t.test('sibling scopes that set one cookie for overlapping paths, each with a store of its own, are told so', async (t) => {
  const shared = new MemoryStore()
  const cases: readonly (readonly [told: boolean, first: ScsOptions, second: ScsOptions])[] = [
    [true, {}, {}],
    [true, { cookie: { path: '/' } }, { cookie: { path: '/admin' } }],
    [true, { cookie: { path: '/a/' } }, { cookie: { path: '/a/b' } }],
    [false, { cookie: { path: '/a' } }, { cookie: { path: '/ab' } }],
    [false, { cookie: { domain: 'a.example.com' } }, { cookie: { domain: 'b.example.com' } }],
    [false, { cookie: { name: 'one' } }, { cookie: { name: 'two' } }],
    [false, { store: shared }, { store: shared }],
  ]
  for (const [told, ...siblings] of cases) {
    const lines: unknown[] = []
    const app = Fastify({ logger: { level: 'warn', stream: { write: (line) => void lines.push(JSON.parse(line).msg) } } })
    for (const options of siblings) app.register(async (scope) => void (await scope.register(scsSession, options)))
    await app.ready()
    t.strictSame(lines, told ? [RIVALS] : [], JSON.stringify(siblings.map(({ cookie }) => cookie)))
    await app.close()
  }
})

t.test('two applications in one process share nothing', async (t) => {
  const make = async (name: string) => {
    const store = new MemoryStore()
    const test = await makeApp({ store, cookie: { name }, lifetime: name === 'a' ? '1h' : '2h' }, (app: FastifyInstance) => {
      app.post('/', async (request) => request.session.put('app', name))
      app.get('/', async (request) => request.session.get('app') ?? 'nobody')
    })
    return test.app
  }
  const [a, b] = [await make('a'), await make('b')]
  const reply = await a.inject({ method: 'POST', url: '/' })
  t.match(setCookies(reply)[0], /^a=.*Max-Age=3600/)
  t.match(setCookies(await b.inject({ method: 'POST', url: '/' }))[0], /^b=.*Max-Age=7200/)
  const token = cookieOf(reply, 'a') ?? ''
  t.equal((await a.inject({ url: '/', cookies: { a: token } })).body, 'a')
  t.equal((await b.inject({ url: '/', cookies: { a: token, b: token } })).body, 'nobody')
  t.same([await a.sessions.count(), await b.sessions.count()], [1, 1])
})
