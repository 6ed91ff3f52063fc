// What an application does first, and what a failing store does to it. It is no module by itself: scripts/package.mjs puts imports before it, of ESM and
// of CommonJS, and runs both beside the Fastify of the checkout and the lowest that the peer range allows. `whole` is all that the import returns.

const check = (what, seen, wanted) => {
  if (JSON.stringify(seen) !== JSON.stringify(wanted)) throw new Error(`${what}: ${JSON.stringify(seen)}, not ${JSON.stringify(wanted)}`)
}

class Failing extends MemoryStore {
  async create() {
    throw new Error('down')
  }
}

class Slow extends MemoryStore {
  async create(...args) {
    for (let i = 0; i < 10; i++) await new Promise(setImmediate)
    return super.create(...args)
  }
}

async function make(plugin, options, routes) {
  const app = Fastify()
  await app.register(plugin, options)
  routes(app)
  return app
}

async function quickStart() {
  const app = await make(whole, { lifetime: '24h', idleTimeout: '20m' }, (app) => {
    app.get('/', async ({ session }) => session.get('user') ?? 'nobody')
    app.post('/login', async ({ session }) => {
      session.renewToken()
      session.put('user', 'ann')
      return 'hello'
    })
    app.post('/logout', async ({ session }) => {
      await session.destroy()
      return 'bye'
    })
  })
  const cookies = {}
  const visit = async (method, url) => {
    const reply = await app.inject({ method, url, cookies })
    for (const { name, value } of reply.cookies) cookies[name] = value
    return reply.body
  }
  const seen = []
  for (const [method, url] of [
    ['GET', '/'],
    ['POST', '/login'],
    ['GET', '/'],
    ['POST', '/logout'],
    ['GET', '/'],
  ])
    seen.push(await visit(method, url))
  check('login and logout', seen, ['nobody', 'hello', 'ann', 'bye', 'nobody'])
  await app.close()
}

async function ofItsOwn() {
  const admin = defineSession({ decorators: { request: 'adminSession', instance: 'adminSessions' }, cookie: { name: 'admin' } })
  const app = await make(admin.plugin, {}, (app) => app.get('/', async (request) => admin.of(request).get('role') ?? 'none'))
  const { cookie } = await admin.manager(app).create({ role: 'root' })
  check('a defined session', (await app.inject({ url: '/', cookies: cookie })).body, 'root')
  await app.close()
}

async function failingStore() {
  const app = await make(scsSession, { store: new Failing() }, (app) => {
    app.get('/', async ({ session }, reply) => {
      session.put('a', 1)
      reply.raw.setHeader('etag', '"1"')
      return reply.trailer('x-sum', async () => 'meant').send('meant')
    })
  })
  const reply = await app.inject('/')
  const { etag, trailer } = reply.headers
  check(
    'a store that fails',
    [reply.statusCode, reply.json().code, reply.cookies, etag, trailer],
    [503, 'FST_ERR_SCS_STORE', [], null, null],
  )
  await app.close()
}

async function sentAndThrown() {
  const app = await make(scsSession, { store: new Slow() }, (app) => {
    app.setErrorHandler((_error, _request, reply) => void reply.code(409).send())
    app.get('/', async ({ session }, reply) => {
      session.put('a', 1)
      reply.send('sent')
      throw new Error('thrown')
    })
  })
  const { statusCode, body, cookies } = await app.inject('/')
  check('a handler that sends and throws', [statusCode, body, cookies.length], [409, '', 1])
  await app.close()
}

async function run() {
  for (const step of [quickStart, ofItsOwn, failingStore, sentAndThrown]) await step()
}
run()
