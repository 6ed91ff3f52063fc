import { existsSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { boltStore } from './bolt-store.ts'
import { withDriver } from './drivers.ts'
import { FailedError } from './errors.ts'
import type { OpenStore, StoreSettings } from './open-store.ts'
import { mysqlAt, postgresAt, redisAt } from './servers.ts'
import type { Place } from './urls.ts'

type Opener = (address: string, settings: StoreSettings) => Promise<OpenStore>

/** How each kind of URL is opened; its driver is loaded only then. */
const OPENERS: Readonly<Record<Place['scheme'], Opener>> = {
  redis: redisAt,
  rediss: redisAt,
  postgres: postgresAt,
  postgresql: postgresAt,
  mysql: mysqlAt,
  mariadb: mysqlAt,
  sqlite: sqliteAt,
  lmdb: lmdbAt,
  bolt: boltAt,
}

/** Opens the store at a place. Throws a FailedError where a driver or a file is missing, and what the driver throws. */
export function connect({ scheme, address }: Place, settings: StoreSettings): Promise<OpenStore> {
  return OPENERS[scheme](address, settings)
}

/** Whether there is something at a place that is a file; true for a server. */
export function isThere({ scheme, address }: Place): boolean {
  if (scheme === 'lmdb') return existsSync(isFolder(address) ? join(address, 'data.mdb') : address)
  return !['sqlite', 'bolt'].includes(scheme) || existsSync(address)
}

/** As LmdbStore decides. */
function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? extname(path) === ''
}

function mustBeThere(scheme: Place['scheme'], address: string): void {
  if (!isThere({ scheme, address })) throw new FailedError(`there is no ${scheme} store at ${address}`)
}

async function boltAt(address: string): Promise<OpenStore> {
  mustBeThere('bolt', address)
  const store = boltStore(address)
  return { store, close: async () => store.close() }
}

async function lmdbAt(address: string, { makes }: StoreSettings): Promise<OpenStore> {
  if (!makes) mustBeThere('lmdb', address)
  const { LmdbStore } = await withDriver('lmdb', () => import('../../stores/lmdb.ts'))
  const store = new LmdbStore(address)
  return { store, close: () => store.close() }
}

async function sqliteAt(address: string, { makes, table }: StoreSettings): Promise<OpenStore> {
  const [{ SqliteStore }, { driverFor }] = await Promise.all([import('../../stores/sqlite.ts'), import('../../stores/sqlite/open.ts')])
  const options = table === undefined ? {} : { table }
  const opened = (store: InstanceType<typeof SqliteStore>, close: () => Promise<void>) => ({ store, migrate: () => store.migrate(), close })
  if (makes) {
    const store = new SqliteStore(address, options)
    return opened(store, () => store.close())
  }
  mustBeThere('sqlite', address)
  // A database that was opened here keeps its journal mode, and no table is made in it.
  const database = new (driverFor())(address)
  try {
    database.exec('PRAGMA busy_timeout = 5000')
    const store = new SqliteStore(database, options)
    return opened(store, () => store.close().finally(() => database.close()))
  } catch (error) {
    database.close()
    throw error
  }
}
