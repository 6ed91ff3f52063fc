import { existsSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { MemoryStore } from '../../stores/memory.ts'
import { boltStore } from './bolt-store.ts'
import { withDriver } from './drivers.ts'
import { FailedError, UsageError } from './errors.ts'
import type { OpenStore, StoreSettings } from './open-store.ts'
import { mysqlAt, postgresAt, redisAt } from './servers.ts'
import type { Place } from './urls.ts'

/** A kind of store: which options it has, and how it is opened. Its driver is loaded only then. */
interface Kind {
  readonly options: readonly string[]
  open(address: string, settings: StoreSettings): Promise<OpenStore>
}

const REDIS: Kind = { options: ['prefix', 'cluster'], open: redisAt }
const POSTGRES: Kind = { options: ['table'], open: postgresAt }
const MYSQL: Kind = { options: ['table', 'layout'], open: mysqlAt }

const LMDB_LOOK = { encoding: 'binary', keyEncoding: 'binary', compression: false, create: false } as const

/** The kinds by what their URLs begin with. */
const KINDS: Readonly<Record<Place['scheme'], Kind>> = {
  redis: REDIS,
  rediss: REDIS,
  postgres: POSTGRES,
  postgresql: POSTGRES,
  mysql: MYSQL,
  mariadb: MYSQL,
  sqlite: { options: ['table'], open: sqliteAt },
  lmdb: { options: ['table'], open: lmdbAt },
  bolt: { options: [], open: boltAt },
}

/** Throws a UsageError for an option that fits no store which it is for: one of an import with `--from-` or `--to-`, otherwise each. */
export function checkOptions(places: readonly Place[], options: Readonly<Record<string, unknown>>): void {
  for (const [side, meant] of Object.entries({ '': places, 'from-': places.slice(0, 1), 'to-': places.slice(1) }))
    for (const name of [...REDIS.options, ...MYSQL.options])
      if (options[side + name] !== undefined && !meant.some(({ scheme }) => KINDS[scheme].options.includes(name)))
        throw new UsageError(`there is no --${side}${name} for ${meant.map(({ scheme }) => scheme).join(' or ')}; --help tells more`)
}

/** Opens the store at a place. Throws a FailedError where a driver or a file is missing, and what the driver throws. */
export async function connect(place: Place, settings: StoreSettings): Promise<OpenStore> {
  const { scheme, address } = place
  if (!settings.makes && !isThere(place)) throw new FailedError(`there is no ${scheme} store at ${address}`)
  return await KINDS[scheme].open(address, settings)
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

async function boltAt(address: string): Promise<OpenStore> {
  const store = boltStore(address)
  return { store, close: async () => store.close() }
}

async function lmdbAt(address: string, { makes, table: name }: StoreSettings): Promise<OpenStore> {
  const { LmdbStore, leaseFor } = await withDriver('lmdb', () => import('../../stores/lmdb.ts'))
  const lease = leaseFor(address)
  // LmdbStore makes its databases where they are not there: what only looks takes an empty store in their place.
  const isKnown = makes || Boolean(lease.environment.openDB(name, LMDB_LOOK))
  const store = isKnown ? new LmdbStore(lease.environment, { name }) : new MemoryStore()
  return {
    store,
    async close() {
      await store.close()
      await lease.release()
    },
  }
}

async function sqliteAt(address: string, { makes, table }: StoreSettings): Promise<OpenStore> {
  const { SqliteStore, driverFor } = await import('../../stores/sqlite.ts')
  const opened = (store: InstanceType<typeof SqliteStore>, close: () => Promise<void>) => ({ store, migrate: () => store.migrate(), close })
  if (makes) {
    const store = new SqliteStore(address, { table })
    return opened(store, () => store.close())
  }
  // A database that was opened here keeps its journal mode, and no table is made in it.
  const database = new (driverFor())(address)
  try {
    database.exec('PRAGMA busy_timeout = 5000')
    const store = new SqliteStore(database, { table })
    return opened(store, () => store.close().finally(() => database.close()))
  } catch (error) {
    database.close()
    throw error
  }
}
