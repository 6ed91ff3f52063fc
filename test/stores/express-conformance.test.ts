import t from 'tap'
import { ExpressStore } from '../../stores/express.ts'
import type { StoreLack } from '../../types/store.ts'
import {
  mysqlStores,
  type OpenStore,
  openFileStore,
  openMemoryStore,
  openMemorystore,
  pgStores,
  redisStores,
} from '../support/express-stores.ts'
import { LIMIT } from '../support/limit.ts'
import { useMysql } from '../support/servers/mysql.ts'
import { usePostgres } from '../support/servers/postgres.ts'
import { useRedis } from '../support/servers/redis.ts'
import { conforms } from '../support/store-suite.ts'

t.setTimeout(LIMIT)

const LISTS: readonly StoreLack[] = ['compare', 'owner']
const LISTS_NOT: readonly StoreLack[] = ['compare', 'owner', 'list']

function behind(open: () => OpenStore | Promise<OpenStore>) {
  return async () => {
    const { express, close } = await open()
    return { store: new ExpressStore(express), second: () => new ExpressStore(express), close: async () => void (await close()) }
  }
}

// All at the real time: with a clock of ours it would not be seen that a store drops a session early.
t.test('with the MemoryStore of express-session', (t) =>
  conforms(t, 'the conformance suite', { createStore: behind(openMemoryStore), lacks: LISTS }, 32),
)

t.test('with memorystore', (t) => conforms(t, 'the conformance suite', { createStore: behind(openMemorystore), lacks: LISTS }, 32))

t.test('with session-file-store', (t) => conforms(t, 'the conformance suite', { createStore: behind(openFileStore), lacks: LISTS_NOT }, 16))

t.test('with connect-redis', async (t) => {
  const { open } = await redisStores(t, await useRedis(t))
  await conforms(t, 'the conformance suite', { createStore: behind(open), lacks: LISTS }, 16)
})

t.test('with connect-pg-simple', async (t) => {
  const { open } = pgStores(t, await usePostgres(t))
  await conforms(t, 'the conformance suite', { createStore: behind(open), lacks: LISTS_NOT })
})

t.test('with express-mysql-session', async (t) => {
  const { open } = mysqlStores(t, await useMysql(t))
  await conforms(t, 'the conformance suite', { createStore: behind(open), lacks: LISTS })
})
