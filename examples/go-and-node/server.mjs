import Fastify from 'fastify'
import scsSession from 'fastify-scs'
import { GobCodec } from 'fastify-scs/codecs/gob'
import { PostgresStore } from 'fastify-scs/stores/postgres'
import pg from 'pg'

const app = Fastify()
const store = new PostgresStore(new pg.Pool({ connectionString: process.env.DATABASE_URL }))
await store.migrate()
await app.register(scsSession, { store, codec: new GobCodec(), lifetime: '24h' })

app.post('/login/:user', async ({ session, params }) => {
  session.renewToken()
  session.put('user', params.user)
  session.put('visits', 0)
  return `welcome, ${params.user}\n`
})

app.get('/me', async ({ session }) => {
  if (!session.exists('user')) return 'Node does not know you\n'
  session.update('visits', (visits = 0) => visits + 1)
  return `Node knows ${session.get('user')}, visits: ${session.get('visits')}\n`
})

app.post('/logout', async ({ session }) => {
  await session.destroy()
  return 'goodbye\n'
})

await app.listen({ port: Number(process.env.PORT ?? 4000) })
