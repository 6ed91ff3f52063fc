import Fastify from 'fastify'
import scsSession, { MemoryStore, type ScsOptions, type ScsSession, type SessionManager } from 'fastify-scs'
import { ExpressStore } from 'fastify-scs/stores/express'
import { LmdbStore } from 'fastify-scs/stores/lmdb'
import { MysqlStore } from 'fastify-scs/stores/mysql'
import { PostgresStore } from 'fastify-scs/stores/postgres'
import { RedisStore } from 'fastify-scs/stores/redis'
import { SqliteStore } from 'fastify-scs/stores/sqlite'

declare module 'fastify-scs' {
  interface SessionData {
    visits: number
  }
}

export const stores = [ExpressStore, LmdbStore, MysqlStore, PostgresStore, RedisStore, SqliteStore]
export const visitsOf = (session: ScsSession): number | undefined => session.get('visits')
export const userOf = (session: ScsSession): string | undefined => session.get('userId')

export const app = Fastify()
app.register(scsSession, { store: new MemoryStore(), idleTimeout: '20m' } satisfies ScsOptions)
app.get('/', async ({ session }) => visitsOf(session))
// @ts-expect-error: nobody added such a key.
app.get('/name', async ({ session }) => session.get('name'))
// @ts-expect-error: no such duration.
app.register(scsSession, { idleTimeout: '20 minutes' })

export const manager: SessionManager = app.sessions
