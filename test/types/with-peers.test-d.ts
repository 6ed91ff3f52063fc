// Beside plugins that applications register with sessions, imported before it: `request.session` is ours all the same.
import fastifyCookie from '@fastify/cookie'
import fastifyWebsocket from '@fastify/websocket'
import Fastify from 'fastify'
import scsSession, { type ScsSession } from 'fastify-scs'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
/** `exactly<T>()(value, true)` compiles when the type of the value is T and no other. */
declare function exactly<Expected>(): <Actual>(value: Actual, same: Same<Actual, Expected>) => void

const app = Fastify()
app.register(fastifyCookie, { secret: 'a secret for the cookies of others' })
app.register(fastifyWebsocket)
app.register(scsSession)

app.get('/', async (request, reply) => {
  exactly<ScsSession>()(request.session, true)
  exactly<string | undefined>()(request.cookies['other'], true)
  reply.setCookie('other', 'value')
  return request.session.get('userId')
})

app.get('/socket', { websocket: true }, async (socket, request) => {
  exactly<ScsSession>()(request.session, true)
  socket.send(await request.session.commit().then(String))
})
