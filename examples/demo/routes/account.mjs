import { requireFresh } from 'fastify-scs'
import Type from 'typebox'
import { mustAccountOf } from '../guards.mjs'
import { safeNext } from '../next.mjs'
import { accountPage, confirmPage, emailPage } from '../pages/account.mjs'
import { render } from '../pages/layout.mjs'

const Password = Type.Object({ password: Type.String({ maxLength: 1000 }), next: Type.Optional(Type.String()) })
const Email = Type.Object({ email: Type.String({ maxLength: 200, pattern: '^[^@\\s]+@[^@\\s]+$' }) })

/** What is changed here needs a password that was typed in the last minutes. */
const fresh = requireFresh('10m')

/** @param {import('fastify').FastifyInstance} app */
export async function account(app) {
  app.get('/account', async (request, reply) => render(request, reply, accountPage(mustAccountOf(request))))

  // The form too: nobody fills it in and is asked only then.
  app.get('/account/email', { preHandler: fresh, config: { page: '/account/email' } }, async (request, reply) =>
    render(request, reply, emailPage(mustAccountOf(request))),
  )

  const changing = { schema: { body: Email }, preHandler: fresh, config: { page: '/account/email' } }
  app.post('/account/email', changing, async (request, reply) => {
    const { email } = /** @type {import('typebox').Static<typeof Email>} */ (request.body)
    app.demo.accounts.changeEmail(mustAccountOf(request).id, email)
    request.flash('success', 'Your e-mail address is changed.')
    return reply.redirect('/account', 303)
  })

  app.get('/confirm', async (request, reply) => {
    const { next } = /** @type {{ next?: unknown }} */ (request.query)
    return render(request, reply, confirmPage({ next: safeNext(next) }))
  })

  app.post('/confirm', { schema: { body: Password }, config: { page: '/confirm' } }, async (request, reply) => {
    const { password, next } = /** @type {import('typebox').Static<typeof Password>} */ (request.body)
    if (!(await app.demo.accounts.verify(mustAccountOf(request).id, password))) {
      reply.code(401)
      return render(request, reply, confirmPage({ next: safeNext(next), isWrong: true }))
    }
    // Makes the session fresh, and gives it a new token as at every change of privilege.
    request.session.renewToken()
    return reply.redirect(safeNext(next), 303)
  })
}
