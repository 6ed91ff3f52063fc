import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RedisStore } from 'connect-redis'
import expressSession from 'express-session'
import createMemoryStore from 'memorystore'
import mysql from 'mysql2'
import pg from 'pg'
import { createClient } from 'redis'
import type { ExpressSessionStore } from '../../stores/express.ts'
import type { Scope } from './servers/process.ts'

/** An express-session store that is empty and shares no session with any other. */
export interface OpenStore<S extends ExpressSessionStore = ExpressSessionStore> {
  readonly express: S
  /** Frees what was opened for it. */
  readonly close: () => unknown
}

/** What packages without types are taken for: a function of express-session, or of what looks like it, that gives the class. */
type Factory<S> = (session: unknown) => new (options: object, connection?: unknown) => S

const require = createRequire(import.meta.url)
const load = <S>(name: string) => require(name) as Factory<S>

/** session-file-store, which can say whether it takes a session for expired. */
export interface FileStore extends ExpressSessionStore {
  expired(id: string, callback: (error: unknown, expired: boolean) => void): void
}

export const FileStore = load<FileStore>('session-file-store')
export const PgStore = load<ExpressSessionStore & { close(): Promise<void> }>('connect-pg-simple')
export const MysqlStore = load<ExpressSessionStore & { onReady(): Promise<void> }>('express-mysql-session')

let names = 0
const newName = () => `case${process.pid}_${++names}`

export function openMemoryStore(): OpenStore<expressSession.MemoryStore> {
  return { express: new expressSession.MemoryStore(), close: () => {} }
}

export function openMemorystore() {
  const Store = createMemoryStore(expressSession)
  return { express: new Store({}), close: () => {} }
}

/** Without its retries: they take 250 ms for each session that is not there. */
export function openFileStore(options: object = {}): OpenStore<FileStore> & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'scs-express-'))
  const Store = FileStore(expressSession)
  const express = new Store({ path, retries: 0, reapInterval: -1, logFn() {}, ...options })
  return { express, path, close: () => rmSync(path, { recursive: true, force: true }) }
}

/** connect-redis stores with one client, which node-redis makes: ioredis would not do. */
export async function redisStores(scope: Scope, url: string) {
  const client = createClient({ url })
  client.on('error', () => {})
  await client.connect()
  scope.teardown(() => client.close())
  return {
    client,
    open(): OpenStore<RedisStore> {
      const express = new RedisStore({ client, prefix: `${newName()}:` })
      return { express, close: () => express.clear() }
    },
  }
}

/** connect-pg-simple stores, each with a schema of its own: the name of the index is the same for each table. */
export function pgStores(scope: Scope, connectionString: string) {
  const pool = new pg.Pool({ connectionString })
  scope.teardown(() => pool.end())
  const Store = PgStore(expressSession)
  return {
    pool,
    async open() {
      const schemaName = newName()
      await pool.query(`CREATE SCHEMA ${schemaName}`)
      const express = new Store({ pool, schemaName, createTableIfMissing: true })
      const close = async () => {
        await express.close()
        await pool.query(`DROP SCHEMA ${schemaName} CASCADE`)
      }
      return { express, close, table: `${schemaName}.session` }
    },
  }
}

/** express-mysql-session stores, each with a table of its own. */
export function mysqlStores(scope: Scope, url: string) {
  const pool = mysql.createPool(url)
  scope.teardown(() => pool.promise().end())
  const Store = MysqlStore(expressSession)
  return {
    pool: pool.promise(),
    async open() {
      const table = newName()
      const express = new Store({ clearExpired: false, schema: { tableName: table } }, pool)
      await express.onReady()
      return { express, close: () => pool.promise().query(`DROP TABLE ${table}`), table }
    },
  }
}
