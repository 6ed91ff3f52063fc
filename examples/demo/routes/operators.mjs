import { requireOperator } from '../guards.mjs'
import { render } from '../pages/layout.mjs'
import { countsAndEvents, operatorsPage } from '../pages/operators.mjs'

/** Counts and the last events, for operators. @param {import('fastify').FastifyInstance} app */
export async function operators(app) {
  app.addHook('preHandler', requireOperator)

  app.get('/operators', async (request, reply) => render(request, reply, operatorsPage(await figures())))

  // What the script puts into the page every few seconds. It prolongs nothing: an operator who has left is signed out.
  app.get('/operators/live', { config: { page: '/operators', session: { touch: false } } }, async (_request, reply) => {
    reply.type('text/html; charset=utf-8')
    return countsAndEvents(await figures())
  })

  async function figures() {
    return { sessions: await app.sessions.count(), counts: app.demo.events.counts, last: app.demo.events.last }
  }
}
