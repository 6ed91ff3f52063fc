import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import Fastify, { type FastifyInstance, type FastifyPluginAsync } from 'fastify'
import t, { type Test } from 'tap'
import { listen } from '../support/app.ts'
import { LIMIT } from '../support/limit.ts'
import { root } from '../support/readme.ts'
import { recipes } from '../support/recipes.ts'

t.setTimeout(LIMIT)

const require = createRequire(join(root, 'test/neighbours/package.json'))

// Apart, because these packages declare a type of their own for the session of a request.
const loadTyped = recipes('migrating/fastify-session', 'migrating/mgcrea')
const load = recipes('migrating/express-session', 'migrating/secure-session', 'migrating/scs')

type Jar = Record<string, string>
type Session = Record<string, unknown> & { set(key: string, value: unknown): void }
type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void

/** What a browser keeps: values as they are in the header. */
function keep(jar: Jar, lines: readonly string[]): Jar {
  const kept = { ...jar }
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (/Max-Age=0|Expires=Thu, 01 Jan 1970/i.test(line)) delete kept[name]
    else kept[name] = value
  }
  return kept
}

const header = (jar: Jar) =>
  Object.entries(jar)
    .map(([name, value]) => `${name}=${value}`)
    .join('; ')

async function visit(app: FastifyInstance, jar: Jar, method: 'GET' | 'POST' = 'GET') {
  const reply = await app.inject({ method, url: method === 'GET' ? '/me' : '/logout', headers: { cookie: header(jar) } })
  const lines = [reply.headers['set-cookie'] ?? []].flat()
  return { code: reply.statusCode, userId: reply.json().userId as unknown, lines, jar: keep(jar, lines) }
}

/** An application with the real plugin, in which `put` logs somebody in. Returns what logs in there. */
async function oldFastify(plugins: ReadonlyArray<readonly [string, object]>, put: (session: Session) => void): Promise<() => Promise<Jar>> {
  const app = Fastify()
  for (const [name, options] of plugins) {
    const loaded = require(name) as FastifyPluginAsync | { default: FastifyPluginAsync }
    await app.register(typeof loaded === 'function' ? loaded : loaded.default, options)
  }
  app.get('/login', async (request) => {
    put((request as unknown as { session: Session }).session)
    return {}
  })
  return async () => keep({}, [(await app.inject('/login')).headers['set-cookie'] ?? []].flat())
}

/** The same for middleware of Express. */
async function oldExpress(t: Test, middleware: Middleware): Promise<() => Promise<Jar>> {
  const listener: RequestListener = (request, response) =>
    middleware(request, response, () => {
      ;(request as unknown as { session: Session }).session['userId'] = 'ada'
      response.end('{}')
    })
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  return async () => keep({}, (await fetch(`http://127.0.0.1:${port}/`)).headers.getSetCookie())
}

/** Moves a browser from the old application to the new one. */
async function moves(t: Test, app: FastifyInstance, logIn: () => Promise<Jar>, name = 'session', isStored = true): Promise<void> {
  const old = await logIn()
  t.not(Object.keys(old).length, 0, 'the old application logged in')
  const first = await visit(app, old)
  t.equal(first.userId, 'ada')
  t.same(Object.keys(first.jar), [name], 'the old cookies are gone and the new one is there')
  const second = await visit(app, first.jar)
  t.same([second.userId, second.lines], ['ada', []], 'and is enough')
  const logout = await visit(app, second.jar, 'POST')
  t.same(logout.jar, {})
  t.equal((await visit(app, second.jar)).userId, null, 'after a logout nobody is logged in')
  t.equal((await visit(app, { ...old, ...second.jar })).userId, null, 'not even with both cookies')
  if (isStored) t.equal((await visit(app, old)).userId, null, 'nor with the old one')

  const other = await logIn()
  t.same((await visit(app, other, 'POST')).jar, {}, 'a logout as the first request clears the old cookies as well')
  if (isStored) t.equal((await visit(app, other)).userId, null)

  const [[forgedName = '', value = ''] = []] = Object.entries(await logIn())
  const forged = {
    ...(await logIn()),
    [forgedName]: value.replace(/^(s%3A)?(.)/, (_, start = '', each) => start + (each === 'A' ? 'B' : 'A')),
  }
  const stranger = await visit(app, forged)
  t.same([stranger.code, stranger.userId, stranger.lines], [200, null, []], 'a forged cookie is a stranger’s')
}

interface Recipe {
  readonly app: FastifyInstance
  readonly secret: string
  readonly store: object
}

t.test('from @fastify/session', async (t) => {
  const { app, secret, store } = await loadTyped<Recipe>('from-fastify-session.ts')
  const options = { secret, store, cookie: { secure: false } }
  const logIn = await oldFastify(
    [
      ['@fastify/cookie', {}],
      ['@fastify/session', options],
    ],
    (session) => session.set('userId', 'ada'),
  )
  await moves(t, app, logIn)
})

t.test('from express-session', async (t) => {
  const { app, secret, store } = await load<Recipe>('from-express-session.ts')
  const session = require('express-session') as (options: object) => Middleware
  await moves(t, app, await oldExpress(t, session({ secret, store, resave: false, saveUninitialized: false })))
})

t.test('from cookie-session', async (t) => {
  const { app, keys } = await load<{ app: FastifyInstance; keys: string[] }>('from-cookie-session.ts')
  const session = require('cookie-session') as (options: object) => Middleware
  await moves(t, app, await oldExpress(t, session({ keys: [...keys].reverse() })), 'session', false)
})

t.test('from @fastify/secure-session', async (t) => {
  const { app, key } = await load<{ app: FastifyInstance; key: Buffer }>('from-secure-session.ts')
  const long = 'ü'.repeat(500)
  const logIn = await oldFastify([['@fastify/secure-session', { key }]], (session) => {
    session.set('userId', 'ada')
    session.set('note', long)
  })
  await moves(t, app, logIn, 'session', false)
})

t.test('from @mgcrea/fastify-session', async (t) => {
  const { app, secret, store } = await loadTyped<Recipe>('from-mgcrea.ts')
  const plugins: ReadonlyArray<readonly [string, object]> = [
    ['@fastify/cookie', {}],
    ['@mgcrea/fastify-session', { secret, store, cookie: { maxAge: 60 } }],
  ]
  await moves(t, app, await oldFastify(plugins, (session) => session.set('userId', 'ada')))
})

t.test('from SCS, whose sessions the old application tells', async (t) => {
  const sessions = new Set<string>()
  // fetch keeps connections whose replies nobody read.
  const go = Fastify({ forceCloseConnections: true })
  const tokenOf = (cookie = '') => cookie.replace('session=', '')
  go.get('/session', async ({ headers }, reply) => (sessions.has(tokenOf(headers.cookie)) ? { userId: 'ada' } : reply.code(404).send({})))
  go.delete('/session', async ({ headers }) => sessions.delete(tokenOf(headers.cookie)))
  process.env['OLD_SESSIONS'] = `${await listen(t, go)}/session`
  const { app } = await load<{ app: FastifyInstance }>('from-scs.ts')
  const logIn = async () => {
    const token = `${sessions.size}`.padEnd(43, 'x')
    sessions.add(token)
    return { session: token }
  }
  await moves(t, app, logIn, 'sid')
})
