// Devices, freshness and the limit: what compiles, and what does not.
import Fastify from 'fastify'
import scsSession, { type ClientDetails, defineSession, type ListedSession, requireFresh } from 'fastify-scs'

const app = Fastify()
app.register(scsSession, {
  owner: 'userId',
  limit: { perOwner: 3, then: 'end-oldest' },
  client: (request) => ({ address: request.ip, userAgent: request.headers['user-agent'], isSecure: request.protocol === 'https' }),
})
// @ts-expect-error there are two kinds
app.register(scsSession, { owner: 'userId', limit: { perOwner: 3, then: 'wait' } })
// @ts-expect-error a limit says what happens beyond it
app.register(scsSession, { owner: 'userId', limit: { perOwner: 3 } })
// @ts-expect-error it answers at once
app.register(scsSession, { client: async () => ({}) })
// @ts-expect-error strings, numbers and booleans
app.register(scsSession, { client: (request) => ({ headers: request.headers }) })

const admin = defineSession<{ role: string }>({ decorators: { request: 'admin', instance: 'admins' }, cookie: { name: 'admin' } })
app.put('/email', { preHandler: requireFresh('10m') }, async () => {})
app.put<{ Body: { name: string } }>('/name', { preHandler: [requireFresh(600_000), requireFresh('5m', admin.of)] }, async () => {})
// @ts-expect-error a duration has a unit that is known
app.put('/password', { preHandler: requireFresh('10 minutes') }, async () => {})

app.get('/', async ({ session }) => {
  const moments: (number | undefined)[] = [session.createdAt, session.authenticatedAt]
  const client: ClientDetails | undefined = session.client
  const fresh: boolean = session.isFresh('10m')
  session.renewToken({ reauthenticated: false, keepDeadline: true })
  // @ts-expect-error a renewal sets it
  session.authenticatedAt = 1
  const listed: ListedSession[] = []
  for await (const each of app.sessions.ownedBy(7, { current: session })) listed.push(each)
  // @ts-expect-error the session is named
  app.sessions.ownedBy(7, session)
  return { moments, client, fresh, listed }
})

app.get('/admin', async (request) => {
  for await (const { values, isCurrent, lastSeenAt } of admin.manager(app).ownedBy('ada', { current: admin.of(request) })) {
    const role: string | undefined = values.role
    return { role, isCurrent, lastSeenAt }
  }
  return {}
})
