import Fastify from 'fastify'
import type { Test } from 'tap'
import scsSession, { type ScsOptions, type ScsSession } from '../../index.ts'
import { GobCodec } from '../../lib/codecs/gob.ts'
import { isLasting } from '../../lib/data/history.ts'
import { MysqlStore } from '../../stores/mysql.ts'
import { PostgresStore } from '../../stores/postgres.ts'
import { RedisStore } from '../../stores/redis.ts'
import { SqliteStore } from '../../stores/sqlite.ts'
import type { SessionStore } from '../../types/store.ts'
import { setCookies } from './app.ts'
import type { GoService, GoSettings, Step } from './go-scs.ts'
import { redisClient } from './redis.ts'
import { startMysql } from './servers/mysql.ts'
import { postgresUrl, startPostgres } from './servers/postgres.ts'
import { startRedis } from './servers/redis.ts'
import { openMysql } from './sql-mysql.ts'
import { openPostgres } from './sql-postgres.ts'
import { placeFor } from './sqlite.ts'

export const HOUR = 3600
export const SECOND = 1e9

/** A store of both services. */
export interface Place {
  /** A store, which its application closes. */
  readonly store: () => SessionStore
  readonly at: Pick<GoSettings, 'Store' | 'Address'>
}

export const PLACES: Readonly<Record<string, (t: Test) => Promise<Place>>> = {
  Redis: async (t) => {
    const server = await startRedis(t)
    return { store: () => new RedisStore(redisClient(t, server)), at: { Store: 'redis', Address: `127.0.0.1:${server.port}` } }
  },
  PostgreSQL: async (t) => {
    const url = postgresUrl(await startPostgres(t))
    const store = new PostgresStore(openPostgres(t, { connectionString: url }))
    await store.migrate()
    return { store: () => store, at: { Store: 'postgres', Address: `${url}?sslmode=disable` } }
  },
  MariaDB: async (t) => {
    const { port } = await startMysql(t)
    const store = new MysqlStore(openMysql(t, { uri: `mysql://root@127.0.0.1:${port}/test` }), { layout: 'scs' })
    await store.migrate()
    return { store: () => store, at: { Store: 'mysql', Address: `root@tcp(127.0.0.1:${port})/test?parseTime=true` } }
  },
  SQLite: async (t) => {
    const path = placeFor(t)
    return { store: () => new SqliteStore(path), at: { Store: 'sqlite3', Address: path } }
  },
}

export type Handler = (session: ScsSession) => unknown

/** Both services on one store. A request to either returns the token that the browser has afterwards, and what there is then. */
export async function both(t: Test, go: GoService, { store, at }: Place, options: ScsOptions = {}, more: Partial<GoSettings> = {}) {
  const app = Fastify()
  await app.register(scsSession, { store: store(), codec: new GobCodec(), lifetime: '1h', storeTimeout: '60s', ...options })
  let handler: Handler = () => {}
  app.post('/', async ({ session }) => (await handler(session)) ?? session.data())
  t.teardown(() => app.close())
  const settings: GoSettings = { ...at, Hash: true, Lifetime: HOUR * SECOND, Idle: 0, Persist: true, ...more }
  return {
    async node(token: string | undefined, use: Handler = () => {}) {
      handler = use
      const reply = await app.inject({ method: 'POST', url: '/', ...(token === undefined ? {} : { cookies: { session: token } }) })
      const [cookie] = setCookies(reply)
      return { code: reply.statusCode, cookie, token: tokenIn(cookie) ?? token, values: reply.json() }
    },
    async go(token: string | undefined, ...steps: readonly Step[]) {
      const reply = await go.send(settings, token, ...steps)
      if (reply.error !== undefined) throw new Error(reply.error)
      // Go shows the mark that a save with update() leaves, and what a session keeps about itself: docs/go.md.
      const visible = Object.entries(reply.values).filter(([key]) => key !== '__computed' && !isLasting(key))
      const values = Object.fromEntries(visible.map(([key, { type, value }]) => [key, `${type} ${value}`]))
      return { cookie: reply.cookie, token: tokenIn(reply.cookie) ?? token, values }
    },
  }
}

function tokenIn(cookie: string | undefined): string | undefined {
  return /^session=([^;]*)/.exec(cookie ?? '')?.[1]
}
