import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import mysql from 'mysql2/promise'
import pg from 'pg'
import t, { type Test } from 'tap'
import { MysqlStore } from '../../stores/mysql.ts'
import { PostgresStore } from '../../stores/postgres.ts'
import type { SessionStore } from '../../types/store.ts'
import { cookieOf } from '../support/app.ts'
import { startFaultSite } from '../support/faults/site.ts'
import { LIMIT } from '../support/limit.ts'
import { root } from '../support/readme.ts'
import { clusterClient, redisClient, redisStore } from '../support/redis.ts'
import { useMysql } from '../support/servers/mysql.ts'
import { usePostgres } from '../support/servers/postgres.ts'
import { startRedisCluster, useRedis } from '../support/servers/redis.ts'
import { tableName } from '../support/sql.ts'
import { Trips } from '../support/trips.ts'

t.setTimeout(LIMIT)

const REDIS = ['getBuffer', 'mgetBuffer', 'evalshaBuffer', 'evalBuffer', 'scanBuffer']

/** Each store on a driver whose round trips are counted. */
const stores: Readonly<Record<string, (t: Test, trips: Trips) => Promise<SessionStore>>> = {
  Redis: async (t, trips) => redisStore(trips.watch(redisClient(t, await useRedis(t)), REDIS)),
  'Redis Cluster': async (t, trips) => redisStore(trips.watch(clusterClient(t, await startRedisCluster(t)), REDIS)),
  PostgreSQL: async (t, trips) => {
    const pool = new pg.Pool({ connectionString: await usePostgres(t) })
    t.teardown(() => pool.end())
    const table = tableName()
    return migrated(t, pool, table, new PostgresStore(trips.watch(pool, ['query'], ['connect']), { table }))
  },
  'MySQL, MariaDB': async (t, trips) => {
    const pool = mysql.createPool(await useMysql(t))
    t.teardown(() => pool.end())
    const table = tableName()
    return migrated(t, pool, table, new MysqlStore(trips.watch(pool, ['execute', 'query'], ['getConnection']), { table }))
  },
}

interface Dropping {
  query(sql: string): Promise<unknown>
}

/** A store with a table of its own, which goes with the test. */
async function migrated<S extends SessionStore & { migrate(): Promise<void> }>(
  t: Test,
  pool: Dropping,
  table: string,
  store: S,
): Promise<S> {
  await store.migrate()
  t.teardown(() => pool.query(`DROP TABLE ${table}`))
  return store
}

/** How many round trips each kind of request takes. */
async function measure(t: Test, make: (typeof stores)[string]): Promise<Record<string, number>> {
  const trips = new Trips()
  const store = await make(t, trips)
  let now = Date.now()
  const site = await startFaultSite(t, store, { idleTimeout: '30m', clock: () => now })
  const counts: Record<string, number> = {}
  const took = async (kind: string, url: string, token?: string) => {
    await trips.idle()
    trips.count = 0
    const reply = await site.send(url === '/read' ? 'GET' : 'POST', url, token)
    if (reply.statusCode !== 200) t.fail(`${kind}: ${reply.statusCode} ${reply.body}`)
    counts[kind] = trips.count
    return cookieOf(reply) ?? token
  }
  // Scripts and statements are known to every node and connection by the second round.
  for (let round = 0; round < 30; round++) {
    await took('no cookie', '/read')
    const anonymous = await took('the first write, which makes the session', '/count')
    const token = await took('login with a session: a new token', '/login?user=ada', anonymous)
    await took('read', '/read', token)
    await took('write', '/count', token)
    now += 120_000
    await took('read with a touch that is due', '/read', token)
    await took('logout', '/logout', token)
    await took('login without a session', `/login?user=bob`)
    now -= 120_000
  }
  return counts
}

t.test('the round trips of each kind of request are those of docs/stores.md', async (t) => {
  const columns = await Promise.all(Object.values(stores).map((make) => measure(t, make)))
  const kinds = Object.keys(columns[0] ?? {})
  const row = (cells: readonly (string | number | undefined)[]) => `| ${cells.join(' | ')} |`
  const lines = [
    row(['request', ...Object.keys(stores)]),
    row(['---', ...columns.map(() => '---')]),
    ...kinds.map((kind) => row([kind, ...columns.map((column) => column[kind])])),
  ]
  t.comment(`\n${lines.join('\n')}`)
  t.match(readFileSync(join(root, 'docs/stores.md'), 'utf8'), lines.join('\n'))
  const most = (kind: string, limit: number, cluster = limit) =>
    columns.forEach((column, i) => {
      t.ok((column[kind] ?? 99) <= (i === 1 ? cluster : limit), `${kind}: ${Object.keys(stores)[i]}`)
    })
  most('no cookie', 0)
  most('read', 1)
  most('read with a touch that is due', 2)
  most('write', 2)
  most('login with a session: a new token', 3, 4)
  // In a Cluster the third, which takes the session out of its owner's index, is not waited for.
  most('logout', 2, 3)
})
