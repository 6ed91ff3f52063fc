import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { cookieOf } from '../support/app.ts'
import { LIMIT } from '../support/limit.ts'
import { recipes } from '../support/recipes.ts'

t.setTimeout(LIMIT)

/** What of Nest's application is used here. */
type Program = { app: Pick<FastifyInstance, 'inject' | 'close'> }

// Nest has a thousand modules, which load slowly under the test runner's hooks.
const load = recipes('recipes/nest')
const nest = await load<Program>('nest.ts')
const nestPassport = await load<Program>('nest-passport.ts')

t.test('@Session() is the session, and a guard sees who is logged in', async (t) => {
  const { app } = nest
  t.equal((await app.inject({ url: '/me' })).statusCode, 403)
  const login = await app.inject({ method: 'POST', url: '/login' })
  t.strictSame((await app.inject({ url: '/me', cookies: { session: String(cookieOf(login)) } })).json(), { user: 'ann' })
  await app.close()
})

t.test('@nestjs/passport logs in to the session', async (t) => {
  const { app } = nestPassport
  t.equal((await app.inject({ method: 'POST', url: '/login' })).statusCode, 401)
  const login = await app.inject({ method: 'POST', url: '/login', headers: { 'x-user': 'ann' } })
  t.equal(login.statusCode, 201)
  t.strictSame((await app.inject({ url: '/me', cookies: { session: String(cookieOf(login)) } })).json(), { user: { name: 'ann' } })
  await app.close()
})
