import type { FastifyInstance, InjectOptions } from 'fastify'
import t from 'tap'
import { CookieJar } from 'tough-cookie'
import { cookieOf, setCookies } from '../support/app.ts'
import { LIMIT } from '../support/limit.ts'
import { recipes } from '../support/recipes.ts'

t.setTimeout(LIMIT)

const CHANGED = 'is changed by the schema (a default, a transform, an unknown property left out): put what the schema makes of it'

interface Program {
  readonly app: FastifyInstance
}

const load = recipes('recipes/csrf', 'recipes/flash', 'recipes/form-post', 'recipes/two-apps', 'recipes/typebox', 'recipes/zod')

type Site = 'strict' | 'lax' | 'none'

/** A browser, whose requests come from the page itself (`strict`), by a link from another site (`lax`), or by another site's form (`none`). */
function browser(origin: string) {
  const jar = new CookieJar()
  return async (app: FastifyInstance, url: string, options: InjectOptions = {}, from: Site = 'strict') => {
    const cookie = jar.getCookieStringSync(origin + url, { sameSiteContext: from })
    const headers = { 'x-forwarded-proto': 'https', ...options.headers, ...(cookie === '' ? {} : { cookie }) }
    const reply = await app.inject({ ...options, url, headers })
    for (const line of setCookies(reply)) jar.setCookieSync(line, origin + url)
    return reply
  }
}

t.test('csrf.md: a form that was open in another tab works after the login', async (t) => {
  const { app } = await load<Program>('csrf.ts')
  t.teardown(() => app.close())
  const visit = browser('http://shop.example')
  const { token } = (await visit(app, '/form')).json()
  const post = (url: string, payload: object) => visit(app, url, { method: 'POST', payload })
  t.equal((await post('/login', {})).statusCode, 403)
  const login = await post('/login', { _csrf: token })
  t.equal(login.statusCode, 200)
  t.ok(cookieOf(login), 'the token is new')
  t.same((await post('/save', { _csrf: token })).json(), { saved: true })
  t.equal((await post('/save', { _csrf: 'another' })).statusCode, 403)
})

t.test('flash.md: a message is there after the redirect, once, and reading starts no session', async (t) => {
  const { app } = await load<Program>('flash.ts')
  t.teardown(() => app.close())
  const visit = browser('http://shop.example')
  const page = async () => (await visit(app, '/page')).json()
  t.same(await page(), { messages: {} })
  t.equal(await app.sessions.count(), 0)
  t.equal((await visit(app, '/form', { method: 'POST' })).headers.location, '/page')
  t.same(await page(), { messages: { error: ['The name is missing.'] } })
  t.same(await page(), { messages: {} })
})

t.test('form-post.md: the visitor is logged in, and what the session had is still there', async (t) => {
  const { app } = await load<Program>('form-post.ts')
  t.teardown(() => app.close())
  app.get('/cart', async ({ session }) => session.put('cart', ['tea']))
  app.get('/', async ({ session }) => session.data())
  const visit = browser('https://shop.example')
  const form = (state: string) => ({
    method: 'POST' as const,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: `state=${state}&user=ada`,
  })
  await visit(app, '/cart')
  const { location } = (await visit(app, '/login')).headers
  const state = new URL(String(location)).searchParams.get('state') ?? ''
  t.equal((await app.inject({ url: '/callback', ...form(state) })).statusCode, 403, 'from a browser that did not begin')
  t.equal((await app.inject('/login/done')).statusCode, 403)
  const back = await visit(app, '/callback', form(state), 'none')
  t.match(back, { statusCode: 303, headers: { location: '/login/done' } })
  t.equal(cookieOf(back, '__Host-session'), undefined, "the visitor's session is not replaced")
  const done = await visit(app, '/login/done', {}, 'lax')
  t.equal(cookieOf(done, '__Host-pending'), '')
  t.ok(cookieOf(done, '__Host-session'), 'the token is new')
  t.same((await visit(app, '/')).json(), { cart: ['tea'], userId: 'ada' })
  t.equal((await visit(app, '/callback', form(state), 'none')).statusCode, 403, 'once')
})

t.test('two-apps.md: a login to one leaves the other alone', async (t) => {
  const { shop, admin } = await load<{ shop: FastifyInstance; admin: FastifyInstance }>('two-apps.ts')
  t.teardown(() => Promise.all([shop.close(), admin.close()]))
  const visit = browser('http://localhost')
  await visit(shop, '/login', { method: 'POST' })
  t.same((await visit(admin, '/me')).json(), { userId: 'nobody' })
  await visit(admin, '/login', { method: 'POST' })
  for (const app of [shop, admin]) t.same((await visit(app, '/me')).json(), { userId: 'ada' })
  const foreign = await shop.inject({ url: '/me', cookies: { 'shop-session': 'x'.repeat(43) } })
  t.same(foreign.json(), { userId: 'nobody' })
  t.equal(foreign.headers['set-cookie'], undefined)
})

t.test('typebox.md: one schema for the body, the reply and the session', async (t) => {
  const { app } = await load<Program>('typebox.ts')
  t.teardown(() => app.close())
  const visit = browser('http://shop.example')
  const add = (payload: object) => visit(app, '/cart', { method: 'POST', payload })
  const tea = { sku: 'tea', count: 1 }
  t.same((await add(tea)).json(), [tea])
  t.same((await add({ sku: 'milk', count: 2 })).json(), [tea, { sku: 'milk', count: 2 }])
  t.equal((await add({ sku: 'milk', count: 0 })).statusCode, 400)
  await t.rejects(app.sessions.create({ cart: [{ sku: 'tea' }] } as object), { code: 'FST_ERR_SCS_SCHEMA' })
})

t.test('zod.md: a schema for each key, of Zod, Valibot and ArkType', async (t) => {
  const { app } = await load<Program>('zod.ts')
  const others = await load<{ readonly valibot: FastifyInstance; readonly arktype: FastifyInstance }>('others.ts')
  t.teardown(() => Promise.all([app, others.valibot, others.arktype].map((each) => each.close())))
  const visit = browser('http://shop.example')
  for (const lines of [1, 2]) t.same((await visit(app, '/cart/tea', { method: 'POST' })).json(), { lines })
  const refuses = async (app: FastifyInstance, values: object, message: string) =>
    await t.rejects(app.sessions.create(values), {
      code: 'FST_ERR_SCS_SCHEMA',
      message: `The session schema refuses the value at ${message}.`,
    })
  await refuses(app, { cart: [{ sku: 'tea', count: 0 }] }, 'cart.0.count: it does not fit the schema')
  await refuses(app, { cart: [{ sku: 'tea', count: 1, more: 1 }] }, `cart: it ${CHANGED}`)
  for (const each of [others.valibot, others.arktype]) {
    const { token } = await each.sessions.create({ userId: 'ada', tags: ['a'] } as object)
    t.same((await each.sessions.find(token))?.data(), { userId: 'ada', tags: ['a'] })
    await refuses(each, { tags: ['a', 1] }, 'tags.1: it does not fit the schema')
    await t.rejects(each.sessions.create({ other: 1 } as object), { code: 'FST_ERR_SCS_KEY' })
  }
})
