import { accountOf } from '../guards.mjs'

/** For the script of the page, which says when the session is about to end. @param {import('fastify').FastifyInstance} app */
export async function stay(app) {
  app.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'))

  // Asking prolongs nothing: otherwise an open page would keep its session alive for ever.
  app.get('/session', { config: { session: { touch: false } } }, async (request) => left(request))

  // A POST because it changes something. Without a token: all that another site could do is to keep the session alive.
  app.post('/session/stay', async (request) => {
    await request.session.commit()
    return left(request)
  })

  /** @param {import('fastify').FastifyRequest} request */
  function left(request) {
    return { left: accountOf(request) === undefined ? 0 : Math.max(0, request.session.expiresAt - app.demo.clock()) }
  }
}
