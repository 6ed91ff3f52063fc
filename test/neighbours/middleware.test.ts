import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { cookieOf } from '../support/app.ts'
import { LIMIT } from '../support/limit.ts'
import { recipes } from '../support/recipes.ts'

t.setTimeout(LIMIT)

const load = recipes('recipes/property-view', 'recipes/express-middleware', 'recipes/passport')
type Program = { app: FastifyInstance }

t.test('grant keeps its state in the session', async (t) => {
  const { app } = await load<Program>('grant.ts')
  const first = await app.inject('/connect/github')
  t.equal(first.statusCode, 302)
  const state = new URL(String(first.headers.location), 'https://example.com').searchParams
  t.equal(state.get('client_id'), 'the-id')
  const done = await app.inject({ url: '/done', cookies: { session: String(cookieOf(first)) } })
  t.match(done.json(), { answer: { provider: 'github' } })
  await app.close()
})

t.test('connect-flash and csurf find the session on the raw request', async (t) => {
  const { app } = await load<Program>('middie.ts')
  const form = await app.inject('/form')
  const cookies = { session: String(cookieOf(form)) }
  t.equal((await app.inject({ method: 'POST', url: '/form', cookies })).statusCode, 403)
  const headers = { 'csrf-token': form.json().token }
  for (let i = 0; i < 2; i++) t.equal((await app.inject({ method: 'POST', url: '/form', cookies, headers })).statusCode, 302)
  t.strictSame((await app.inject({ url: '/messages', cookies })).json(), ['Saved', 'Saved'])
  t.strictSame((await app.inject({ url: '/messages', cookies })).json(), [])
  await app.close()
})

t.test('passport keeps what the session held, renews its token, and logs out', async (t) => {
  const { app } = await load<Program>('express-passport.ts')
  const before = cookieOf(await app.inject({ method: 'POST', url: '/cart' }))
  const login = await app.inject({ method: 'POST', url: '/login', cookies: { session: String(before) } })
  t.strictSame(login.json(), { ok: true })
  const token = String(cookieOf(login))
  t.not(token, before)
  t.strictSame((await app.inject({ url: '/me', cookies: { session: token } })).json(), { user: { name: 'ann' }, cart: ['tea'] })
  t.equal((await app.inject({ method: 'POST', url: '/logout', cookies: { session: token } })).statusCode, 200)
  t.strictSame((await app.inject({ url: '/me', cookies: { session: token } })).json(), { user: null, cart: [] })
  await app.close()
})

t.test('@fastify/passport logs in, keeps the cart, and the sessions of a user are found', async (t) => {
  const { app } = await load<Program>('passport.ts')
  const before = cookieOf(await app.inject({ method: 'POST', url: '/cart' }))
  const headers = { 'x-user': 'ann' }
  const login = await app.inject({ method: 'POST', url: '/login', headers, cookies: { session: String(before) } })
  t.equal(login.statusCode, 200)
  t.not(cookieOf(login), before)
  const me = await app.inject({ url: '/me', cookies: { session: String(cookieOf(login)) } })
  t.match(me.json(), { user: { id: 'ann' }, session: { cart: ['tea'], passport: 'ann', userId: 'ann' } })
  const owned = []
  for await (const session of app.sessions.ownedBy('ann')) owned.push(session)
  t.equal(owned.length, 1)
  await app.close()
})
