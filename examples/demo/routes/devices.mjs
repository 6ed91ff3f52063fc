import Type from 'typebox'
import { mustAccountOf } from '../guards.mjs'
import { devicesPage } from '../pages/devices.mjs'
import { render } from '../pages/layout.mjs'

const Form = Type.Object({ id: Type.String({ maxLength: 100 }) })

/** "Your devices": the sessions of whoever is signed in. @param {import('fastify').FastifyInstance} app */
export async function devices(app) {
  app.get('/devices', async (request, reply) => {
    const sessions = []
    for await (const each of app.sessions.ownedBy(mustAccountOf(request).id, { current: request.session })) sessions.push(each)
    return render(request, reply, devicesPage(sessions))
  })

  app.post('/devices/sign-out', { schema: { body: Form }, config: { page: '/devices' } }, async (request, reply) => {
    const { id } = /** @type {import('typebox').Static<typeof Form>} */ (request.body)
    // With the owner: the id of somebody else's session ends nothing.
    const isEnded = await app.sessions.destroy(id, { owner: mustAccountOf(request).id })
    if (isEnded) request.flash('success', 'That device is signed out.')
    else request.flash('notice', 'That device was signed out already.')
    return reply.redirect('/devices', 303)
  })

  app.post('/devices/sign-out-others', { config: { page: '/devices' } }, async (request, reply) => {
    const count = await app.sessions.destroyOwnedBy(mustAccountOf(request).id, { except: request.session })
    request.flash('success', count === 1 ? '1 other device is signed out.' : `${count} other devices are signed out.`)
    return reply.redirect('/devices', 303)
  })
}
