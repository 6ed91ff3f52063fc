import Type from 'typebox'
import { accountOf } from '../guards.mjs'
import { safeNext } from '../next.mjs'
import { render } from '../pages/layout.mjs'
import { signInPage } from '../pages/sign-in.mjs'

const Form = Type.Object({
  account: Type.String({ maxLength: 100 }),
  password: Type.String({ maxLength: 1000 }),
  remember: Type.Optional(Type.String()),
  next: Type.Optional(Type.String()),
})

/** @param {import('fastify').FastifyInstance} app */
export async function signIn(app) {
  app.get('/sign-in', async (request, reply) => {
    const { next } = /** @type {{ next?: unknown }} */ (request.query)
    if (accountOf(request)) return reply.redirect(safeNext(next), 303)
    return render(request, reply, signInPage({ next: safeNext(next) }))
  })

  // In production, limit the attempts too: @fastify/rate-limit, by account and by address.
  app.post('/sign-in', { schema: { body: Form }, config: { page: '/sign-in' } }, async (request, reply) => {
    const { account, password, remember, next } = /** @type {import('typebox').Static<typeof Form>} */ (request.body)
    if (accountOf(request)) return reply.redirect(safeNext(next), 303)
    if (!(await app.demo.accounts.verify(account, password))) {
      reply.code(401)
      // The same sentence for a wrong name and a wrong password: it does not tell which accounts there are.
      return render(request, reply, signInPage({ next: safeNext(next), account, isWrong: true }))
    }
    const { session } = request
    // A token that somebody planted before the sign-in stops working. The values stay, the cart among them …
    session.renewToken()
    // … but not the secret of the forms, which whoever planted the token may know.
    session.remove('_csrf')
    session.rememberMe(remember !== undefined)
    session.put('userId', account)
    request.flash('success', `Welcome, ${app.demo.accounts.find(account)?.name}.`)
    return reply.redirect(safeNext(next), 303)
  })

  app.post('/sign-out', { config: { page: '/' } }, async (request, reply) => {
    await request.session.destroy()
    request.flash('success', 'You are signed out.')
    return reply.redirect('/sign-in', 303)
  })
}
