// A program with both kinds of modules: this one imports what common.cts exports, and each adds a key to the sessions of both.
import Fastify from 'fastify'
import scsSession, { type MemoryStore, type SessionManager } from 'fastify-scs'
import { storeConformance } from 'fastify-scs/conformance'
import { userOf, visitsOf } from './common.cjs'

declare module 'fastify-scs' {
  interface SessionData {
    userId: string
  }
}

export const app = Fastify()
app.register(scsSession, { idleTimeout: '20m' })
app.get('/', async ({ session }) => {
  const visits: number | undefined = session.get('visits')
  return [visits, visitsOf(session), userOf(session), storeConformance.name]
})
// @ts-expect-error: nobody added such a key.
app.get('/name', async ({ session }) => session.get('name'))

export const manager: SessionManager = app.sessions
export type Store = MemoryStore
