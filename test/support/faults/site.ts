import Fastify, { type FastifyInstance, type LightMyRequestResponse } from 'fastify'
import scsSession, { type ScsOptions } from '../../../index.ts'
import type { SessionStore } from '../../../types/store.ts'
import { cookieOf } from '../app.ts'
import type { Scope } from '../servers/process.ts'

export type Reply = LightMyRequestResponse

/** An application in which each user has a mark of their own, and counts. */
export interface FaultSite {
  readonly app: FastifyInstance
  /** Sends a request with a cookie, or without one. */
  send(method: 'GET' | 'POST', url: string, token?: string): Promise<Reply>
  /** Logs a user in and returns their token. Throws when that fails. */
  login(user: string): Promise<string>
}

/** Starts the application on a store. It ends with the test. The store has all the time that a slow machine needs, unless an option says otherwise. */
export async function startFaultSite(t: Scope, store: SessionStore, options: ScsOptions = {}): Promise<FaultSite> {
  // A client that hangs up may leave a connection on which it never sent anything.
  const app = Fastify({ forceCloseConnections: true })
  await app.register(scsSession, { store, owner: 'user', storeTimeout: 60_000, ...options })
  app.get('/read', async ({ session }) => session.data())
  app.post('/count', async ({ session }) => {
    session.update('count', (count) => Number(count ?? 0) + 1)
    return session.data()
  })
  app.post<{ Querystring: { user: string } }>('/login', async ({ session, query }) => {
    session.renewToken()
    session.put('user', query.user)
    return session.data()
  })
  app.post('/renew', async ({ session }) => {
    session.renewToken()
    return session.data()
  })
  app.post('/logout', async ({ session }) => {
    await session.destroy()
    return {}
  })
  t.teardown(() => app.close())
  const send: FaultSite['send'] = (method, url, token) =>
    app.inject({ method, url, ...(token === undefined ? {} : { cookies: { session: token } }) })
  return {
    app,
    send,
    async login(user) {
      const reply = await send('POST', `/login?user=${encodeURIComponent(user)}`)
      const token = cookieOf(reply)
      if (reply.statusCode !== 200 || token === undefined) throw new Error(`the login of ${user} failed: ${reply.statusCode} ${reply.body}`)
      return token
    },
  }
}
