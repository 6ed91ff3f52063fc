import Fastify from 'fastify'
import scsSession from 'fastify-scs'
import { SqliteStore } from 'fastify-scs/stores/sqlite'

// Node 22.13 or later has SQLite built in. On Node 20: npm install better-sqlite3@12
const app = Fastify({ logger: true })
await app.register(scsSession, { store: new SqliteStore(process.env.SESSIONS ?? './sessions.db') })

app.get('/put', async (request) => {
  request.session.put('message', 'Hello from a session!')
  return 'OK'
})

app.get('/get', async (request) => request.session.get('message', ''))

await app.listen({ port: process.env.PORT ?? 4000 })
