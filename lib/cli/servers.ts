import type { RedisStore } from '../../stores/redis.ts'
import { withDriver } from './drivers.ts'
import type { OpenStore, StoreSettings } from './open-store.ts'

/** How long a connection may take, and how long a server may be silent, in milliseconds. */
const CONNECT_MS = 5000
const SILENT_MS = 60_000
/** Connections to a server of SQL, and so statements at once. */
const CONNECTIONS = 8

/** A connection that was lost is opened again after so many milliseconds; a command is tried once more then. */
const again = () => 200

const REDIS = {
  socketTimeout: SILENT_MS,
  connectTimeout: CONNECT_MS,
  maxRetriesPerRequest: 1,
  lazyConnect: true,
  retryStrategy: again,
}

/** The part of a client of ioredis that is not the store's. */
interface RedisConnection {
  on(event: 'error', listener: (error: Error) => void): unknown
  connect(): Promise<unknown>
  disconnect(): void
}

/** A store on Redis, or on a Cluster of which the URL names a node. */
export async function redisAt(address: string, { prefix, cluster }: StoreSettings): Promise<OpenStore> {
  const { Cluster, Redis } = await withDriver('ioredis', () => import('ioredis'))
  const { RedisStore } = await import('../../stores/redis.ts')
  const client = cluster ? new Cluster([nodeOf(address)], clusterOptions(address)) : new Redis(address, REDIS)
  const make = () => new RedisStore(client, { prefix })
  return { store: await connected(client, make), close: async () => client.disconnect() }
}

async function connected(client: RedisConnection, make: () => RedisStore): Promise<RedisStore> {
  // The driver tells who waits that the connection is closed, and only this event why.
  let last: Error | undefined
  client.on('error', (error) => {
    last = error
  })
  try {
    const store = make()
    await client.connect()
    return store
  } catch (error) {
    client.disconnect()
    throw last ?? error
  }
}

function nodeOf(address: string): { host: string; port: number } {
  const { hostname, port } = new URL(address)
  return { host: hostname, port: Number(port || 6379) }
}

function clusterOptions(address: string) {
  const { protocol, username, password } = new URL(address)
  const credentials = { username: decodeURIComponent(username), password: decodeURIComponent(password) }
  const tls = protocol === 'rediss:' ? { tls: {} } : {}
  return { lazyConnect: true, clusterRetryStrategy: again, redisOptions: { ...REDIS, ...(password === '' ? {} : credentials), ...tls } }
}

/** A store in a table of PostgreSQL. */
export async function postgresAt(connectionString: string, { table }: StoreSettings): Promise<OpenStore> {
  const { default: pg } = await withDriver('pg', () => import('pg'))
  const { PostgresStore } = await import('../../stores/postgres.ts')
  const pool = new pg.Pool({ connectionString, connectionTimeoutMillis: CONNECT_MS, max: CONNECTIONS })
  pool.on('error', () => {})
  const store = new PostgresStore(pool, { table })
  return { store, migrate: () => store.migrate(), close: () => pool.end() }
}

/** A store in a table of MySQL or MariaDB. */
export async function mysqlAt(uri: string, { table, layout }: StoreSettings): Promise<OpenStore> {
  const { createPool } = await withDriver('mysql2', () => import('mysql2/promise'))
  const { MysqlStore } = await import('../../stores/mysql.ts')
  const pool = createPool({ uri, connectTimeout: CONNECT_MS, connectionLimit: CONNECTIONS })
  const store = new MysqlStore(pool, { table, layout })
  return { store, migrate: () => store.migrate(), close: () => pool.end() }
}
