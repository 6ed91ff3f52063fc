import { requireAccount } from '../guards.mjs'
import { account } from './account.mjs'
import { assets } from './assets.mjs'
import { cart } from './cart.mjs'
import { devices } from './devices.mjs'
import { operators } from './operators.mjs'
import { signIn } from './sign-in.mjs'
import { stay } from './stay.mjs'

/** @param {import('fastify').FastifyInstance} app */
export async function routes(app) {
  await app.register(assets)
  await app.register(stay)
  await app.register(async (app) => {
    // What is on these pages is for one person: no cache keeps it, and the back button asks again.
    app.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'))
    // Here and not at each route, so that no form can be forgotten. After the body was parsed, which has the token.
    app.addHook('preHandler', (request, reply, done) => {
      if (request.method === 'GET' || request.method === 'HEAD') done()
      else app.csrfProtection(request, reply, done)
    })
    await app.register(signIn)
    await app.register(cart)
    await app.register(async (app) => {
      app.addHook('preHandler', requireAccount)
      await app.register(account)
      await app.register(devices)
      await app.register(operators)
    })
  })
}
