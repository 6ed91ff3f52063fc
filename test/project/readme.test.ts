import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import scsSession from '../../index.ts'
import { LIMIT } from '../support/limit.ts'
import { ownPages } from '../support/pages.ts'
import { DATA, ELSEWHERE, shellLines, startProgram } from '../support/programs.ts'
import { type Block, blocksOf, compile, compilePrograms, root } from '../support/readme.ts'
import { usePostgres } from '../support/servers/postgres.ts'
import { useRedis } from '../support/servers/redis.ts'

t.setTimeout(LIMIT)

delete process.env['PORT']

const readme = blocksOf('README.md')
const blocks = [...readme, ...ownPages().flatMap(blocksOf)]
const programs = blocks.filter(({ file }) => file !== undefined)
const built = compilePrograms('readme', programs)
const seen = new Set<string>()

async function load(file: string): Promise<FastifyInstance> {
  seen.add(file)
  const { app } = (await import(built(file.replace(/\.ts$/, '.js')).href)) as { app: FastifyInstance }
  return app
}

function start(t: Test, file: string): Promise<string> {
  seen.add(file)
  return startProgram(t, fileURLToPath(built(file.replace(/\.ts$/, '.js'))))
}

t.test('the quick start and the two requests that prove it', async (t) => {
  const program = readme.find(({ file }) => file === 'quick-start.mjs')?.text ?? ''
  const example = readFileSync(join(root, 'examples', 'quick-start.mjs'), 'utf8')
  t.equal(program, `// quick-start.mjs\n${example}`, 'the example is the program of the README')

  const paths = shellLines(readme, 'curl -i').map((line) => /localhost:4000(\/\w+)/.exec(line)?.[1])
  t.same(paths, ['/put', '/get'], 'the curl lines ask for these')

  const url = await start(t, 'quick-start.mjs')
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

t.test('the commands for the typed login compile it, start it, and log in', async (t) => {
  const [flags = ''] = shellLines(readme, 'npx tsc').map((line) => /tsc (.*) login\.ts$/.exec(line)?.[1])
  t.match(flags, /--noEmit --strict /)
  t.doesNotThrow(() => compile(fileURLToPath(built('.')), ['login.ts'], flags.split(' ')))
  const url = await start(t, 'login.ts')
  let cookie = ''
  const answers: unknown[] = []
  for (const line of shellLines(readme, "curl --cookie-jar cj --cookie cj -H '")) {
    const [, type = '', body = '', path = ''] = /-H 'content-type: (\S+)' -d '(.*)' localhost:4001(\/\w+)$/.exec(line) ?? []
    const reply = await fetch(url + path, { method: 'POST', headers: { cookie, 'content-type': type }, body })
    cookie = reply.headers.get('set-cookie')?.split(';')[0] ?? cookie
    answers.push(await reply.json())
  }
  t.same(answers, [{ welcome: 'ada' }, [{ sku: 'tea', count: 1 }]])
})

// The application stays open: the test below is the README's test of it.
t.test('the typed login: a new token, an exact cart, a logout, and all other devices', async (t) => {
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
  t.match(run.stdout, /fail 0\n/)
  t.match(run.stdout, /pass 219\n/, 'as many cases as the README says')
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

t.test('a session that is remembered lasts for its own time', async (t) => {
  const app = await load('remember.ts')
  t.teardown(() => app.close())
  const reply = await app.inject({ method: 'POST', url: '/login' })
  t.match(reply.headers['set-cookie'], /; Max-Age=2592000;/, '30 days')
})

t.test('a client without cookies brings the token that its login returned', async (t) => {
  const app = await load('bearer.ts')
  t.teardown(() => app.close())
  const { token } = (await app.inject({ method: 'POST', url: '/login' })).json()
  t.same((await app.inject({ url: '/me', headers: { authorization: `Bearer ${token}` } })).json(), { userId: 'ada' })
  t.same((await app.inject({ url: '/me' })).json(), { userId: 'nobody' })
})

t.test('each host has the domain that is looked up for it', async (t) => {
  const app = await load('domains.ts')
  t.teardown(() => app.close())
  app.get('/', async (request) => request.session.put('a', 1))
  const cookieFor = async (host: string) => (await app.inject({ url: '/', headers: { host } })).cookies[0]?.domain
  t.equal(await cookieFor('shop.b.example'), 'b.example')
  t.equal(await cookieFor('b.example.evil.test'), undefined)
})

t.test('the error handler of the application says that a session could not be saved', async (t) => {
  const app = await load('error-reply.ts')
  t.teardown(() => app.close())
  app.get('/', async (request) => request.session.put('big', 'x'.repeat(70_000)))
  const reply = await app.inject('/')
  t.equal(reply.statusCode, 500)
  t.match(reply.json(), { problem: /65535/ })
})

t.test('every program of the README and of docs/ is run, here or elsewhere', async (t) => {
  t.same(
    programs.flatMap(({ file }) => file ?? []).filter((file) => !seen.has(file)),
    [],
  )
  const names = programs.map(({ file }) => file)
  t.equal(new Set(names).size, names.length, 'no two have one name')
  const code = blocks.filter(({ language, file }) => file === undefined && !DATA.includes(language))
  const isRun = ({ page, text }: Block) =>
    programs.some((program) => program.text.includes(text.trim())) ||
    ELSEWHERE.some((each) => each.page === page && text.includes(each.has))
  t.same(
    code.filter((block) => !isRun(block)),
    [],
  )
  for (const { test } of ELSEWHERE) t.ok(existsSync(join(root, 'test', `${test}.test.ts`)), test)
})
