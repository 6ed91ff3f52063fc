import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { type MemoryStore, SessionManager } from '../../index.ts'
import { RedisStore } from '../../stores/redis.ts'
import { cookieOf, listen } from '../support/app.ts'
import { eventually } from '../support/faults/wait.ts'
import { LIMIT } from '../support/limit.ts'
import { recipes } from '../support/recipes.ts'
import { useRedis } from '../support/servers/redis.ts'

t.setTimeout(LIMIT)

interface Program {
  readonly app: FastifyInstance
  readonly store: MemoryStore
}

const load = recipes(
  'recipes/cors',
  'recipes/helmet',
  'recipes/health',
  'recipes/rate-limit',
  'recipes/http-proxy',
  'recipes/lambda',
  'recipes/swagger',
)

/** Makes a store fail until it is called again. */
function breakStore(store: MemoryStore): () => void {
  const broken = () => {
    throw new Error('down')
  }
  Object.assign(store, { find: broken, create: broken, update: broken, count: broken })
  return () => {
    for (const verb of ['find', 'create', 'update', 'count']) Reflect.deleteProperty(store, verb)
  }
}

t.test('cors.md: pages of the origins named, their preflights, and no other page', async (t) => {
  const { app, store } = await load<Program>('cors.ts')
  t.teardown(() => app.close())
  const origin = 'https://spa.example'
  const headers = { origin, 'x-forwarded-proto': 'https' }
  const preflight = await app.inject({ method: 'OPTIONS', url: '/cart', headers: { origin, 'access-control-request-method': 'POST' } })
  t.equal(preflight.statusCode, 204)
  t.equal(preflight.headers['set-cookie'], undefined)
  const reply = await app.inject({ method: 'POST', url: '/cart', headers })
  t.same(reply.json(), { count: 1 })
  t.match(reply.headers, { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' })
  t.match(reply.headers.vary, /origin.*cookie/i)
  t.match(reply.cookies, [{ name: '__Host-session', sameSite: 'None', secure: true }])
  for (const foreign of [{}, { origin: 'https://evil.example' }])
    t.equal((await app.inject({ method: 'POST', url: '/cart', headers: foreign })).statusCode, 403)
  breakStore(store)
  const failed = await app.inject({ method: 'POST', url: '/cart', headers })
  t.equal(failed.statusCode, 503)
  t.match(failed.headers, { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' })
})

t.test('helmet.md: its headers are on each reply, also on one that was replaced and on one whose session was not read', async (t) => {
  const { app, store } = await load<Program>('helmet.ts')
  t.teardown(() => app.close())
  const get = (token?: string) =>
    app.inject({ url: '/', headers: { 'x-forwarded-proto': 'https' }, cookies: token ? { '__Host-session': token } : {} })
  const reply = await get()
  const nonce = /nonce="(\w+)"/.exec(reply.body)?.[1]
  t.match(reply.headers['content-security-policy'], `'nonce-${nonce}'`)
  t.ok(cookieOf(reply, '__Host-session'))
  breakStore(store)
  for (const failed of [await get(), await get('a'.repeat(43))]) {
    t.equal(failed.statusCode, 503)
    t.match(failed.headers, {
      'strict-transport-security': /max-age/,
      'content-security-policy': /default-src/,
      'x-frame-options': 'SAMEORIGIN',
    })
  }
})

t.test('health.md: the route says whether the store answers', async (t) => {
  const { app, store } = await load<Program>('health.ts')
  t.teardown(() => app.close())
  const health = () => app.inject('/health')
  t.match((await health()).json(), { status: 'ok' })
  t.same((await app.inject('/')).json(), { visits: 0 })
  const restore = breakStore(store)
  t.equal((await health()).statusCode, 503)
  restore()
  t.ok(await eventually(async () => ((await health()).statusCode === 200 ? true : Promise.reject(new Error('down')))))
})

t.test('rate-limit.md: a session has a count of its own, and logins are counted by address', async (t) => {
  const { app } = await load<Program>('rate-limit.ts')
  t.teardown(() => app.close())
  const search = async (cookies = {}) => (await app.inject({ url: '/search', cookies })).statusCode
  const login = () => app.inject({ method: 'POST', url: '/login' })
  const [one, two] = [{ session: cookieOf(await login()) ?? '' }, { session: cookieOf(await login()) ?? '' }]
  for (const cookies of [one, two, {}]) {
    t.same([await search(cookies), await search(cookies), await search(cookies), await search(cookies)], [200, 200, 200, 429])
  }
  for (let more = 0; more < 3; more++) t.equal((await login()).statusCode, 200)
  t.equal((await login()).statusCode, 429)
})

t.test('http-proxy.md: our cookie stays here, other cookies and the user go upstream', async (t) => {
  const upstream = Fastify()
  upstream.get('*', async ({ headers }) => headers)
  process.env['UPSTREAM'] = await listen(t, upstream)
  const { app } = await load<Program>('http-proxy.ts')
  t.teardown(() => app.close())
  t.equal((await app.inject('/api/me')).statusCode, 401)
  const token = cookieOf(await app.inject({ method: 'POST', url: '/login' }))
  const ask = async (cookie: string) => (await app.inject({ url: '/api/me', headers: { cookie, 'x-user-id': 'eve' } })).json()
  t.match(await ask(`theme=dark; session=${token}; lang=en`), { cookie: 'theme=dark; lang=en', 'x-user-id': 'ada' })
  const alone = await ask(`session=${token}`)
  t.equal(alone.cookie, undefined)
  t.equal(alone['x-user-id'], 'ada')
})

t.test('lambda.md: each kind of event, with the cookie Secure and the session in Redis', async (t) => {
  process.env['REDIS_URL'] = await useRedis(t)
  interface Reply {
    readonly body: string
    readonly cookies?: string[]
    readonly headers: Record<string, string>
    readonly multiValueHeaders?: Record<string, string[]>
  }
  const { app, handler, redis } = await load<{
    app: FastifyInstance
    handler: (event: object, context: object) => Promise<Reply>
    redis: ConstructorParameters<typeof RedisStore>[0] & { disconnect(): void }
  }>('lambda.ts')
  t.teardown(async () => {
    await app.close()
    redis.disconnect()
  })
  const headersOf = (cookie: string) => ({ 'x-forwarded-proto': 'https', host: 'x.example', ...(cookie ? { cookie } : {}) })
  const events = [
    (path: string, cookie: string) => ({
      version: '2.0',
      rawPath: path,
      requestContext: { http: { method: 'GET', path } },
      headers: headersOf(''),
      cookies: cookie ? ['a=1', cookie] : [],
    }),
    (path: string, cookie: string) => ({ httpMethod: 'GET', path, headers: headersOf(cookie), multiValueHeaders: {}, requestContext: {} }),
    (path: string, cookie: string) => ({ httpMethod: 'GET', path, headers: headersOf(cookie), requestContext: { elb: {} } }),
  ]
  for (const event of events) {
    const { cookies, headers, multiValueHeaders } = await handler(event('/login', ''), {})
    const line = [cookies ?? multiValueHeaders?.['set-cookie'] ?? headers['set-cookie']].flat()[0] ?? ''
    t.match(line, /^session=.*; Secure/)
    const cookie = line.split(';')[0] ?? ''
    t.same(JSON.parse((await handler(event('/me', cookie), {})).body), { userId: 'ada' })
    const elsewhere = new SessionManager({ store: new RedisStore(redis) })
    t.equal((await elsewhere.find(cookie.slice('session='.length)))?.get('userId'), 'ada', 'another instance finds it')
  }
})

t.test('swagger.md: the schemes are in the document, and both ways in work', async (t) => {
  const { app } = await load<Program & { app: { swagger(): unknown } }>('swagger.ts')
  t.teardown(() => app.close())
  await app.ready()
  t.match(app.swagger(), {
    components: { securitySchemes: { cookie: { in: 'cookie', name: 'session' }, token: { scheme: 'bearer' } } },
    security: [{ cookie: [] }, { token: [] }],
    paths: { '/login': { post: { security: [] } } },
  })
  const login = await app.inject({ method: 'POST', url: '/login' })
  t.same((await app.inject({ url: '/me', cookies: { session: cookieOf(login) ?? '' } })).json(), { userId: 'ada' })
  t.same((await app.inject({ url: '/me', headers: { authorization: `Bearer ${login.json().token}` } })).json(), { userId: 'ada' })
  t.equal((await app.inject('/me')).statusCode, 401)
})
