import { execFile, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import scsSession from '../index.ts'
import { eventually } from './support/faults/wait.ts'
import { LIMIT } from './support/limit.ts'
import { blocksOf, compileReadme, root } from './support/readme.ts'
import { usePostgres } from './support/servers/postgres.ts'
import { freePort } from './support/servers/process.ts'
import { useRedis } from './support/servers/redis.ts'

t.setTimeout(LIMIT)

const blocks = blocksOf('README.md')
const programs = [...blocks, ...blocksOf('docs/session.md').filter(({ file }) => file !== undefined)]
const built = compileReadme(programs)
const seen = new Set<string>()

async function load(file: string): Promise<FastifyInstance> {
  seen.add(file)
  const { app } = (await import(built(file.replace(/\.ts$/, '.js')).href)) as { app: FastifyInstance }
  return app
}

/** Starts a program and waits until it accepts connections. */
async function start(t: Test, file: string): Promise<string> {
  const port = await freePort()
  const child = spawn(process.execPath, [file], { env: { ...process.env, PORT: String(port) }, stdio: 'inherit' })
  t.teardown(() => void child.kill())
  const url = `http://localhost:${port}`
  if ((await eventually(() => fetch(`${url}/get`))) !== undefined) return url
  throw new Error(`${file} does not listen`)
}

t.test('the quick start and the two requests that prove it', async (t) => {
  seen.add('quick-start.mjs')
  const program = blocks.find(({ file }) => file === 'quick-start.mjs')?.text ?? ''
  const example = readFileSync(join(root, 'examples', 'quick-start.mjs'), 'utf8')
  t.equal(program, `// quick-start.mjs\n${example}`, 'the example is the program of the README')

  const curls = blocks.find(({ language }) => language === 'sh')?.text ?? ''
  const paths = [...curls.matchAll(/localhost:4000(\/\w+)/g)].map(([, path = '']) => path)
  t.same(paths, ['/put', '/get'], 'the curl lines ask for these')

  const url = await start(t, fileURLToPath(built('quick-start.mjs')))
  const put = await fetch(url + paths[0])
  t.equal(put.status, 200)
  t.equal(put.headers.get('cache-control'), 'no-cache="Set-Cookie"')
  t.equal(put.headers.get('vary'), 'Cookie')
  const cookie = put.headers.get('set-cookie') ?? ''
  t.match(cookie, /^session=[\w-]{43}; Path=\/; Expires=\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT; Max-Age=86400; HttpOnly; SameSite=Lax$/)
  const expires = Date.parse(/Expires=([^;]+)/.exec(cookie)?.[1] ?? '')
  t.ok(Math.abs(expires - Date.now() - 86_400_000) < 60_000, 'it expires in 24 hours')

  const get = await fetch(url + paths[1], { headers: { cookie: cookie.split(';')[0] ?? '' } })
  t.equal(get.status, 200)
  t.equal(await get.text(), 'Hello from a session!')
  t.equal(get.headers.get('set-cookie'), null)
  t.equal(get.headers.get('cache-control'), null)
})

// The application stays open: the test below is the README's test of it.
t.test('the typed login: a new token, an exact cart, a log-out, and all other devices', async (t) => {
  const app = await load('login.ts')
  const login = async () => (await app.inject({ method: 'POST', url: '/login', payload: { user: 'ada' } })).cookies[0]?.value ?? ''
  const [phone, laptop] = [{ session: await login() }, { session: await login() }]
  const add = (sku: string) => app.inject({ method: 'POST', url: '/cart', payload: { sku }, cookies: phone })
  await Promise.all([add('tea'), add('milk'), add('sugar')])
  t.equal((await add('salt')).json().length, 4)
  const others = await app.inject({ method: 'POST', url: '/logout-everywhere-else', cookies: phone })
  t.same(others.json(), { ended: 1 })
  t.equal((await app.inject({ method: 'POST', url: '/logout-everywhere-else', cookies: laptop })).statusCode, 401)
  t.equal((await app.inject({ method: 'POST', url: '/logout', cookies: phone })).cookies[0]?.value, '')
  t.equal((await app.inject({ method: 'POST', url: '/logout-everywhere-else', cookies: phone })).statusCode, 401)
})

t.test('the production settings make a cookie that no other host can plant', async (t) => {
  const folder = t.testdir()
  process.env['SESSIONS'] = folder
  const app = await load('production.ts')
  app.get('/', async (request) => request.session.put('a', 1))
  t.teardown(() => app.close())
  const reply = await app.inject('/')
  t.match(reply.headers['set-cookie'], /^__Host-session=[\w-]{43}; Path=\/; Expires=[^;]+; Max-Age=43200; HttpOnly; Secure; SameSite=Lax$/)
})

t.test('the stores on Redis and PostgreSQL keep sessions', async (t) => {
  process.env['REDIS_URL'] = await useRedis(t)
  process.env['DATABASE_URL'] = await usePostgres(t)
  for (const file of ['redis.ts', 'postgres.ts']) {
    seen.add(file)
    const { store, redis, pool } = await import(built(file.replace(/\.ts$/, '.js')).href)
    const app = Fastify()
    await app.register(scsSession, { store })
    t.teardown(async () => {
      await app.close()
      redis?.disconnect()
      await pool?.end()
    })
    const { token } = await app.sessions.create({ userId: 'ada' })
    t.equal((await app.sessions.find(token))?.get('userId'), 'ada')
  }
})

t.test('the conformance suite runs as a store author would run it', async (t) => {
  seen.add('my-store.test.ts')
  const run = await promisify(execFile)('env', ['-u', 'NODE_OPTIONS', process.execPath, '--test', fileURLToPath(built('my-store.test.js'))])
  t.match(run.stdout, /# fail 0\n/)
  t.match(run.stdout, /# pass 218\n/, 'as many cases as the README says')
})

t.test('a test of an application starts logged in', async (t) => {
  seen.add('app.test.ts')
  await t.resolves(import(built('app.test.js').href))
})

t.test('a schema with dates and bytes', async (t) => {
  const app = await load('dates.ts')
  t.teardown(() => app.close())
  const made = await app.inject({ method: 'POST', url: '/' })
  const cookies = { session: made.cookies[0]?.value ?? '' }
  t.same((await app.inject({ url: '/', cookies })).json(), { year: new Date().getFullYear(), bytes: 16 })
  await t.rejects(app.sessions.create({ since: Date.now() }), { code: 'FST_ERR_SCS_SCHEMA' })
})

t.test('two sessions with types of their own', async (t) => {
  const app = await load('two-sessions.ts')
  t.teardown(() => app.close())
  const promoted = await app.inject({ method: 'POST', url: '/promote' })
  const cookies = { admin: promoted.cookies[0]?.value ?? '' }
  t.same((await app.inject({ url: '/role', cookies })).json(), { role: 'editor' })
  t.same((await app.inject({ url: '/role' })).json(), { role: 'nobody' })
})

t.test('no program of the README is left out, and the README is short', async (t) => {
  t.same(
    programs.flatMap(({ file }) => file ?? []).filter((file) => !seen.has(file)),
    [],
  )
  t.equal(blocks.filter(({ language, file }) => ['js', 'ts'].includes(language) && file === undefined).length, 0, 'each names its file')
  t.ok(readFileSync(join(root, 'README.md'), 'utf8').split('\n').length <= 256)
})
