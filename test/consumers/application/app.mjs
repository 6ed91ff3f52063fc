// Logs a user in on each store whose server or folder the environment names, and prints who is seen on which.
import { MemoryStore } from 'fastify-scs'
import { LmdbStore } from 'fastify-scs/stores/lmdb'
import { PostgresStore } from 'fastify-scs/stores/postgres'
import { RedisStore } from 'fastify-scs/stores/redis'
import { SqliteStore } from 'fastify-scs/stores/sqlite'
import { Redis } from 'ioredis'
import pg from 'pg'
import Type from 'typebox'
import { visit } from './visit.mjs'

const { DATA, REDIS, POSTGRES } = process.env
const schema = Type.Object({ userId: Type.String() })

async function main() {
  const postgres = new PostgresStore(new pg.Pool({ connectionString: POSTGRES }))
  await postgres.migrate()
  const stores = { memory: new MemoryStore(), lmdb: new LmdbStore(DATA), redis: new RedisStore(new Redis(REDIS)), postgres }
  if (process.getBuiltinModule('node:sqlite')) stores.sqlite = new SqliteStore(`${DATA}.sqlite`)
  for (const [name, store] of Object.entries(stores)) console.log(`${name}: ${await visit({ store, schema })}`)
}

main().then(
  () => process.exit(),
  (error) => {
    console.error(error)
    process.exit(1)
  },
)
