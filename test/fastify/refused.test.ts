import csrf from '@fastify/csrf-protection'
import flash from '@fastify/flash'
import { Authenticator, Strategy } from '@fastify/passport'
import t from 'tap'
import Type from 'typebox'
import { makeApp } from '../support/app.ts'

const schema = Type.Object({ userId: Type.String() })
const ADVICE = 'Its type in the option schema must accept what the plugin or handler puts.'
const WHAT_TO_DO = 'is not in the schema: add it there, or set additionalProperties.'
const missing = (key: string) => `a value was not put into the session, but the reply is a success. The session key "${key}" ${WHAT_TO_DO}`

class Anybody extends Strategy {
  override authenticate(): void {
    this.success({ name: 'ada' })
  }
}

t.test('a schema without the key of @fastify/passport: whoever is not logged in is not told so, but the log has it', async (t) => {
  const { app, warnings } = await makeApp({ schema }, async (app) => {
    const passport = new Authenticator()
    passport.use('anybody', new Anybody('anybody'))
    passport.registerUserSerializer(async (user: { name: string }) => user.name)
    passport.registerUserDeserializer(async (name: string) => ({ name }))
    await app.register(passport.initialize())
    await app.register(passport.secureSession())
    const login = passport.authenticate('anybody', { authInfo: false, successRedirect: '/welcome' })
    app.post('/login', { preValidation: login }, async () => 'never')
  })
  const reply = await app.inject({ method: 'POST', url: '/login' })
  t.match(reply, { statusCode: 302, headers: { location: '/welcome' } })
  t.match(warnings(), [{ level: 40, msg: missing('passport') }])
  t.equal(warnings().length, 1)
})

t.test('a schema without the key of @fastify/flash or @fastify/csrf-protection', async (t) => {
  const { app, warnings } = await makeApp({ schema }, async (app) => {
    await app.register(flash)
    await app.register(csrf, { sessionPlugin: '@fastify/secure-session' })
    app.get('/flash', async (request) => request.flash('info', 'saved'))
    app.get('/csrf', async (_request, reply) => reply.generateCsrf())
    app.get('/swallowed', async (_request, reply) => {
      try {
        return reply.generateCsrf()
      } catch {
        return 'no form today'
      }
    })
  })
  for (const [url, key] of [
    ['/flash', 'flash'],
    ['/csrf', '_csrf'],
  ] as const) {
    const reply = await app.inject(url)
    t.match(reply.json(), { statusCode: 500, code: 'FST_ERR_SCS_KEY', message: `The session key "${key}" ${WHAT_TO_DO}` })
  }
  t.same(
    warnings().map(({ level }) => level),
    [50, 50],
    'which the failed reply tells, so there is no warning',
  )
  t.equal((await app.inject('/swallowed')).statusCode, 200)
  t.match(warnings().slice(2), [{ level: 40, msg: missing('_csrf') }])
  t.equal(warnings().length, 3)
})

t.test('a refused value of another kind, and one that the schema refuses, are told once per request', async (t) => {
  const { app, warnings } = await makeApp({ schema: Type.Object({ userId: Type.String(), any: Type.Any() }) }, (app) => {
    app.get('/:key', async ({ session, params }) => {
      const { key } = params as { key: string }
      for (const value of [7, Number.NaN]) {
        try {
          session.put(key, key === 'userId' ? value : Number.NaN)
        } catch {}
      }
      await session.commit()
      return 'ok'
    })
  })
  await app.inject('/userId')
  t.match(warnings(), [{ level: 40, err: { code: 'FST_ERR_SCS_SCHEMA' } }])
  t.ok(warnings()[0]?.msg.endsWith(ADVICE))
  await app.inject('/any')
  t.match(warnings()[1], { level: 40, err: { code: 'FST_ERR_SCS_VALUE' } })
  t.notMatch(warnings()[1]?.msg, /schema/)
  t.equal(warnings().length, 2)
})
