import Fastify, { type FastifyInstance } from 'fastify'
import scsSession, { MemoryStore, type ScsSession } from 'fastify-scs'

const app: FastifyInstance = Fastify()
app.register(scsSession, { lifetime: '24h', store: new MemoryStore() })
app.get('/', (request) => {
  const session: ScsSession = request.session
  session.put('userId', 'u1')
  // @ts-expect-error a key is a string
  session.put(1, 'u1')
  return { userId: session.get('userId') }
})
// @ts-expect-error there is no such option
app.register(scsSession, { lifeTime: '24h' })
