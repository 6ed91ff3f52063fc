import csrf from '@fastify/csrf-protection'
import flash from '@fastify/flash'
import { Authenticator, Strategy } from '@fastify/passport'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import t from 'tap'
import scsSession, { type ScsOptions } from '../../index.ts'
import { cookieOf, setCookies } from '../support/app.ts'
import { SpyStore } from '../support/spy-store.ts'

async function start(mode: 'sync' | 'async', routes: (app: FastifyInstance) => Promise<void>, options: ScsOptions = {}) {
  const app = Fastify()
  const store = new SpyStore(mode)
  await app.register(scsSession, { store, ...options })
  await routes(app)
  return { app, store }
}

/** Logs in whoever says who they are. */
class Named extends Strategy {
  override authenticate(request: FastifyRequest): void {
    const name = request.headers['x-name']
    if (name === undefined) this.fail(401)
    else this.success({ name })
  }
}

interface User {
  readonly name: string
}

async function withPassport(app: FastifyInstance, options: { clearSessionOnLogin?: boolean } = {}): Promise<void> {
  const passport = new Authenticator(options)
  passport.use('named', new Named('named'))
  passport.registerUserSerializer(async (user: User) => user.name)
  passport.registerUserDeserializer(async (name: string) => ({ name }))
  await app.register(passport.initialize())
  await app.register(passport.secureSession())
  const login = { preValidation: passport.authenticate('named', { authInfo: false }) }
  app.post('/login', login, async (request) => `hello ${(request.user as User | undefined)?.name}`)
  app.post('/logout', async (request) => {
    await request.logOut()
    return 'bye'
  })
  app.get('/me', async (request) => (request.user as User | null | undefined)?.name ?? 'nobody')
  app.get('/cart', async (request) => request.session.get('cart') ?? 'no cart')
}

for (const mode of ['sync', 'async'] as const) {
  t.test(`@fastify/csrf-protection keeps its secret in our session (${mode} store)`, async (t) => {
    const { app, store } = await start(mode, async (app) => {
      await app.register(csrf, { sessionPlugin: '@fastify/secure-session' })
      app.get('/form', async (_request, reply) => reply.generateCsrf())
      app.get('/strict', async (_request, reply) => reply.generateCsrf({ sameSite: 'strict', httpOnly: true }))
      app.post('/form', { onRequest: app.csrfProtection }, async () => 'accepted')
    })
    const form = await app.inject('/form')
    t.same(store.take(), ['create'])
    const cookies = { session: cookieOf(form) ?? '' }
    const post = (headers: Record<string, string>, sent = cookies) => app.inject({ method: 'POST', url: '/form', headers, cookies: sent })
    t.match(await post({ 'csrf-token': form.body }), { statusCode: 200, body: 'accepted' })
    t.equal((await post({ 'csrf-token': 'wrong' })).statusCode, 403)
    t.equal((await post({})).statusCode, 403)
    t.equal((await post({ 'csrf-token': form.body }, { session: 'a'.repeat(43) })).statusCode, 403)
    store.take()
    const again = await app.inject({ url: '/form', cookies })
    t.match(await post({ 'csrf-token': again.body }), { statusCode: 200 })
    t.same(store.take(), ['find', 'find'], 'the secret is made once')

    t.match(setCookies(await app.inject('/strict'))[0], /SameSite=Strict/)
  })

  t.test(`@fastify/csrf-protection may bind its tokens to a user (${mode} store)`, async (t) => {
    const { app } = await start(mode, async (app) => {
      await app.register(csrf, {
        sessionPlugin: '@fastify/secure-session',
        csrfOpts: { hmacKey: 'a key of the application' },
        getUserInfo: (request) => String(request.headers['x-name']),
      })
      app.get('/form', async (_request, reply) => reply.generateCsrf({ userInfo: 'ann' }))
      app.post('/form', { onRequest: app.csrfProtection }, async () => 'accepted')
    })
    const form = await app.inject('/form')
    t.equal(form.statusCode, 200)
    const cookies = { session: cookieOf(form) ?? '' }
    const post = (name: string) =>
      app.inject({ method: 'POST', url: '/form', headers: { 'csrf-token': form.body, 'x-name': name }, cookies })
    t.equal((await post('ann')).statusCode, 200)
    t.equal((await post('bob')).statusCode, 403)
  })

  t.test(`@fastify/flash shows a message once, on the next request (${mode} store)`, async (t) => {
    const { app } = await start(mode, async (app) => {
      await app.register(flash)
      app.get('/set', async (request, reply) => {
        request.flash('warning', ['careful', 'very'])
        request.flash('info', 'hello %s', 'you')
        return reply.redirect('/show')
      })
      app.get('/show', async (_request, reply) => ({ warning: reply.flash('warning'), info: reply.flash('info') }))
    })
    const set = await app.inject('/set')
    const cookies = { session: cookieOf(set) ?? '' }
    t.same((await app.inject({ url: '/show', cookies })).json(), { warning: ['careful', 'very'], info: ['hello you'] })
    t.same((await app.inject({ url: '/show', cookies })).json(), { warning: [], info: [] })
  })

  t.test(`@fastify/passport logs in with a new token and logs out again (${mode} store)`, async (t) => {
    const { app } = await start(mode, withPassport)
    const { cookie: before, token: old } = await app.sessions.create({ cart: 'full' })
    t.equal((await app.inject({ url: '/me', cookies: before })).body, 'nobody')
    t.equal((await app.inject({ method: 'POST', url: '/login', cookies: before })).statusCode, 401)

    const login = await app.inject({ method: 'POST', url: '/login', headers: { 'x-name': 'ann' }, cookies: before })
    t.match(login, { statusCode: 200, body: 'hello ann' })
    t.equal(setCookies(login).length, 1)
    const token = cookieOf(login) ?? ''
    t.not(token, old)
    t.equal(await app.sessions.find(old), undefined, 'the old token is dead')
    const cookies = { session: token }
    t.equal((await app.inject({ url: '/me', cookies })).body, 'ann')
    t.equal((await app.inject({ url: '/me', cookies: before })).body, 'nobody')
    t.equal((await app.inject({ url: '/cart', cookies })).body, 'no cart', 'passport clears the session at login')

    const logout = await app.inject({ method: 'POST', url: '/logout', cookies })
    t.match(logout, { statusCode: 200, body: 'bye' })
    t.equal((await app.inject({ url: '/me', cookies })).body, 'nobody')
    const left = cookieOf(logout)
    if (left !== undefined) t.equal((await app.inject({ url: '/me', cookies: { session: left } })).body, 'nobody')
    t.equal(await app.sessions.find(token), undefined)
  })

  t.test(`@fastify/passport logs in somebody who had no session (${mode} store)`, async (t) => {
    const { app } = await start(mode, withPassport)
    const login = await app.inject({ method: 'POST', url: '/login', headers: { 'x-name': 'ann' } })
    t.equal(login.statusCode, 200)
    t.equal((await app.inject({ url: '/me', cookies: { session: cookieOf(login) ?? '' } })).body, 'ann')
  })

  t.test(`@fastify/passport keeps the session at login when it is told to, under a new token all the same (${mode} store)`, async (t) => {
    const { app } = await start(mode, (app) => withPassport(app, { clearSessionOnLogin: false }))
    const { cookie, token } = await app.sessions.create({ cart: 'full' })
    const login = await app.inject({ method: 'POST', url: '/login', headers: { 'x-name': 'ann' }, cookies: cookie })
    t.equal(login.statusCode, 200)
    t.not(cookieOf(login), token)
    const cookies = { session: cookieOf(login) ?? '' }
    t.equal((await app.inject({ url: '/me', cookies })).body, 'ann')
    t.equal((await app.inject({ url: '/cart', cookies })).body, 'full')
  })
}
