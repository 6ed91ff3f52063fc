import Fastify from 'fastify'
import scsSession from 'fastify-scs'

const app = Fastify()
await app.register(scsSession, { lifetime: '24h' })

app.get('/put', async (request) => {
  request.session.put('message', 'Hello from a session!')
  return 'ok\n'
})
app.get('/get', async (request) => request.session.get('message', 'no message'))

await app.listen({ port: Number(process.env.PORT ?? 4000) })
