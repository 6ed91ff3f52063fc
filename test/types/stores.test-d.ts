import scsSession, { type SessionStore } from 'fastify-scs'
import { storeConformance } from 'fastify-scs/conformance'
import { type ExpressSessionStore, ExpressStore } from 'fastify-scs/stores/express'
import { LmdbStore } from 'fastify-scs/stores/lmdb'
import { type MysqlPool, MysqlStore } from 'fastify-scs/stores/mysql'
import { type PostgresPool, PostgresStore } from 'fastify-scs/stores/postgres'
import { type RedisClient, RedisStore } from 'fastify-scs/stores/redis'
import { type SqliteDatabase, SqliteStore } from 'fastify-scs/stores/sqlite'

// No driver is named here: a store knows its client by its structure, so a project without the driver compiles as well.
declare const redis: RedisClient
declare const pool: PostgresPool
declare const mysql: MysqlPool
declare const database: SqliteDatabase
declare const express: ExpressSessionStore

const stores: SessionStore[] = [
  new RedisStore(redis),
  new RedisStore(redis, { prefix: 'app:', wait: { replicas: 1, timeout: 100 } }),
  new PostgresStore(pool),
  new PostgresStore(pool, { table: 'app.sessions', owner: false }),
  new MysqlStore(mysql),
  new MysqlStore(mysql, { table: 'sessions', layout: 'scs', prepare: false }),
  new LmdbStore('./sessions'),
  new LmdbStore('./sessions', { name: 'admin', clock: () => 1 }),
  new SqliteStore('./sessions.db'),
  new SqliteStore(database, { table: 'sessions', owner: false, clock: () => 1 }),
  new ExpressStore(express),
]

for (const store of stores) {
  void ((app: { register(plugin: typeof scsSession, options: { store: SessionStore }): unknown }) => app.register(scsSession, { store }))
}
const migrated: Promise<void> = new PostgresStore(pool).migrate()
void migrated
void storeConformance

// @ts-expect-error a client is needed
new RedisStore()
// @ts-expect-error an option that does not exist
new RedisStore(redis, { keyPrefix: 'app:' })
// @ts-expect-error wait names both
new RedisStore(redis, { wait: { replicas: 1 } })
// @ts-expect-error an option that does not exist
new PostgresStore(pool, { schema: 'app' })
// @ts-expect-error a path or an environment
new LmdbStore(7)
// @ts-expect-error no store
new ExpressStore({})
