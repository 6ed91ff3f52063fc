import Fastify from 'fastify'
import scsSession from 'fastify-scs'

/** Logs a user in, and returns who is logged in with the cookie. */
export async function visit(options) {
  const app = Fastify()
  await app.register(scsSession, options)
  app.post('/login', async ({ session }) => {
    session.renewToken()
    session.put('userId', 'ada')
    return {}
  })
  app.get('/me', async ({ session }) => session.get('userId'))
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  const reply = await fetch(`${address}/login`, { method: 'POST' })
  const cookie = reply.headers.getSetCookie()[0].split(';')[0]
  const seen = await (await fetch(`${address}/me`, { headers: { cookie } })).text()
  await app.close()
  return seen
}
