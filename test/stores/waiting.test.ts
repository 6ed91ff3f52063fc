import t from 'tap'
import { newToken } from '../../lib/token.ts'
import { MysqlStore } from '../../stores/mysql.ts'
import { PostgresStore } from '../../stores/postgres.ts'
import { RedisStore } from '../../stores/redis.ts'
import type { SessionStore } from '../../types/store.ts'
import { settled } from '../support/app.ts'
import { startFaultSite } from '../support/faults/site.ts'
import { LIMIT } from '../support/limit.ts'
import { virtualTime } from '../support/virtual-time.ts'

t.setTimeout(LIMIT)

const BUDGET = 5000

/** Something that nobody gets past until it is opened. Counts who came to it. */
class Barrier {
  came = 0
  open = () => {}
  readonly #opened = new Promise<void>((resolve) => {
    this.open = resolve
  })

  async wait<T>(answer: T): Promise<T> {
    this.came++
    await this.#opened
    return answer
  }
}

/** What a driver keeps from its caller: a connection, or the answer to a statement. Each is a barrier. */
interface Kept {
  readonly connections: Barrier
  readonly answers: Barrier
}

const postgresClient = ({ answers }: Kept) => ({
  query: () => answers.wait({ rows: [], rowCount: 0 }),
  on() {},
  removeListener() {},
  release() {},
})

const COLUMNS = [
  ['token', 'varbinary(43)', null],
  ['data', 'mediumblob'],
  ['expiry', 'bigint(20)'],
]

const mysqlConnection = ({ answers }: Kept) => ({
  execute: () => answers.wait([[], []]),
  // The look at the connection and the table finds nothing to complain about.
  query: async ({ sql }: { sql: string }) => [sql.startsWith('SHOW') ? COLUMNS : [[1, 0, 0]], []],
  release() {},
  destroy() {},
})

const redis = (answers: Barrier) => {
  const command = () => answers.wait(null)
  return { options: {}, evalshaBuffer: command, evalBuffer: command, getBuffer: command, mgetBuffer: command }
}

/**
 * Stores on drivers from which nothing comes any more: how many statements they have sent at most, and how many requests it takes until some wait. A pool
 * of two sends two more once the first two are given up, for those who still have time.
 */
const stores: Readonly<Record<string, { make(kept: Kept): object; sent: number; requests?: number }>> = {
  'a pool of PostgreSQL that gets no connection': {
    make: (kept) =>
      new PostgresStore({ totalCount: 0, options: { max: 2 }, connect: () => kept.connections.wait(postgresClient(kept)) } as never),
    sent: 0,
  },
  'a pool of PostgreSQL whose connections are in use': {
    make: (kept) => new PostgresStore({ totalCount: 0, options: { max: 2 }, connect: async () => postgresClient(kept) } as never),
    sent: 4,
  },
  'a client of PostgreSQL that is in use': { make: (kept) => new PostgresStore(postgresClient(kept) as never), sent: 1 },
  'a pool of MySQL that gets no connection': {
    make: (kept) =>
      new MysqlStore({ config: { connectionLimit: 2 }, getConnection: () => kept.connections.wait(mysqlConnection(kept)) } as never),
    sent: 0,
  },
  'a pool of MySQL whose connections are in use': {
    make: (kept) => new MysqlStore({ config: { connectionLimit: 2 }, getConnection: async () => mysqlConnection(kept) } as never),
    sent: 4,
  },
  'a connection of MySQL that is in use': { make: (kept) => new MysqlStore(mysqlConnection(kept) as never), sent: 1 },
  'a connection of Redis that is silent': { make: ({ answers }) => new RedisStore(redis(answers) as never), sent: 1000, requests: 1008 },
}

for (const [name, { make, sent, requests = 20 }] of Object.entries(stores)) {
  t.test(
    `${name}: a request that waits is answered when its budget is over, not before and not later, and sends nothing then`,
    async (t) => {
      const kept = { connections: new Barrier(), answers: new Barrier() }
      const site = await startFaultSite(t, make(kept) as SessionStore, { storeTimeout: BUDGET })
      await site.app.ready()
      const time = virtualTime(t)
      const statuses: number[] = []
      const come = () => {
        for (let i = 0; i < requests / 4; i++) {
          // One waits with its load, and one with its commit.
          site.send('GET', '/read', newToken()).then(({ statusCode }) => statuses.push(statusCode))
          site.send('POST', '/count').then(({ statusCode }) => statuses.push(statusCode))
        }
        return settled()
      }
      await come()
      await time.pass(1000)
      await come()
      await time.pass(BUDGET - 1001)
      t.strictSame(statuses, [])
      await time.pass(1)
      t.strictSame(statuses, Array(requests / 2).fill(503))
      await time.pass(999)
      t.equal(statuses.length, requests / 2)
      await time.pass(1)
      t.strictSame(statuses, Array(requests).fill(503))
      t.equal(kept.answers.came, sent)
      kept.connections.open()
      kept.answers.open()
      await settled()
      t.equal(kept.answers.came, sent, 'what nobody waits for any more is not sent')
    },
  )
}
