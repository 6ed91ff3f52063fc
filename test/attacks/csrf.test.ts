import csrf from '@fastify/csrf-protection'
import t from 'tap'
import type { ScsSession } from '../../index.ts'
import { cookieOf, makeApp } from '../support/app.ts'

/** How an application logs in. */
type Login = (session: ScsSession) => unknown

async function site(login: Login) {
  const { app } = await makeApp({}, async (app) => {
    await app.register(csrf, { sessionPlugin: '@fastify/secure-session' })
    app.get('/form', async (_request, reply) => reply.generateCsrf())
    app.post('/login', async ({ session }) => {
      await login(session)
      session.put('user', 'ann')
    })
    app.post('/pay', { onRequest: app.csrfProtection }, async ({ session }) => session.get('user', 'nobody'))
  })
  const form = async (session?: string) => {
    const reply = await app.inject({ url: '/form', cookies: session ? { session } : {} })
    return { session: cookieOf(reply) ?? session ?? '', token: reply.body }
  }
  const logIn = async (session: string) => cookieOf(await app.inject({ method: 'POST', url: '/login', cookies: { session } })) ?? ''
  const pay = (session: string, token: string) =>
    app.inject({ method: 'POST', url: '/pay', cookies: { session }, headers: { 'csrf-token': token } })
  return { form, logIn, pay }
}

t.test('attacks 5 and 40: a CSRF token from before the login is refused after it when the login names what it keeps', async (t) => {
  const ways: Readonly<Record<string, Login>> = {
    'regenerate, keeping the cart': (session) => session.regenerate(['cart']),
    'renewToken, removing the secret': (session) => [session.renewToken(), session.remove('_csrf')],
    'renewToken after a clear': (session) => [session.clear(), session.renewToken()],
  }
  for (const [what, login] of Object.entries(ways)) {
    const { form, logIn, pay } = await site(login)
    const planted = await form()
    const session = await logIn(planted.session)
    t.equal((await pay(session, planted.token)).statusCode, 403, what)
    const own = await form(session)
    t.equal((await pay(session, own.token)).body, 'ann', `${what}: a new one serves`)
    t.equal((await pay(planted.session, planted.token)).statusCode, 403, `${what}: and the planted session is nobody’s`)
  }
})

t.test('attacks 5 and 40: renewToken alone takes the secret along, so the application has to drop it', async (t) => {
  const { form, logIn, pay } = await site((session) => session.renewToken())
  const planted = await form()
  t.equal((await pay(await logIn(planted.session), planted.token)).statusCode, 200, 'known, and said in docs/security.md')
})

t.test('attack 40: the CSRF token of one session is refused in another', async (t) => {
  const { form, pay } = await site((session) => session.renewToken())
  const [mine, theirs] = [await form(), await form()]
  t.equal((await pay(mine.session, theirs.token)).statusCode, 403)
  t.equal((await pay(mine.session, mine.token)).statusCode, 200)
})
