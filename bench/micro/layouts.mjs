// MariaDB with the plain table and with SCS's, by turns in one process (decision 19): microseconds of the server's processor a statement, the mean
// of the three lowest rounds, and bytes a row.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { MysqlStore } from '../../dist/stores/mysql.js'
import { treeTime } from '../../test/support/children.mjs'
import { clients, onServer } from '../../test/support/databases.mjs'
import { inLanes, interleave, mean } from '../runner.mjs'

const [ROWS, ROUNDS, AT_ONCE] = [20_000, 12, 8]

const STATEMENTS = {
  'read, without the expiry': { count: 4000, call: (store, key) => store.find(key, { expiry: false, owner: false }) },
  read: { count: 4000, call: (store, key) => store.find(key, { expiry: true }) },
  write: {
    count: 1500,
    call: (store, key, { data, expiresAt }) => store.update(key, data, { data, expiresAt: expiresAt + Math.ceil(Math.random() * 1000) }),
  },
}

const lowest = (samples) => mean([...samples].sort((a, b) => a - b).slice(0, 3))

async function compareLayouts(pool, share) {
  const ask = async (sql) => (await pool.query({ sql, rowsAsArray: true }))[0][0][0]
  const pid = Number(readFileSync(await ask('SELECT @@pid_file'), 'utf8'))
  const rows = Math.ceil(ROWS * share)
  const keys = Array.from({ length: rows }, () => randomBytes(32).toString('base64url'))
  const any = () => keys[Math.floor(Math.random() * rows)]
  const record = { data: randomBytes(200), expiresAt: Date.now() + 86_400_000 }
  const places = ['plain', 'scs'].map((layout) => ({ layout, store: new MysqlStore(pool, { table: layout, layout }) }))
  for (const { store } of places) {
    await store.migrate()
    await inLanes(AT_ONCE, rows, (i) => store.create(keys[i], record))
  }
  const times = []
  for (const [name, { count, call }] of Object.entries(STATEMENTS)) {
    const measured = await interleave([places], { rounds: Math.ceil(ROUNDS * share), warmUps: 0 }, async ({ store }) => {
      const before = treeTime(pid)
      await inLanes(AT_ONCE, count, () => call(store, any(), record))
      return (treeTime(pid) - before) / count
    })
    times.push({ name, ...Object.fromEntries(measured.map(({ layout, samples }) => [layout, lowest(samples)])) })
  }
  const bytes = { name: 'bytes a row' }
  for (const { layout } of places) {
    await pool.query(`ANALYZE TABLE ${layout}`)
    const size = await ask(`SELECT data_length + index_length FROM information_schema.tables WHERE table_name = '${layout}'`)
    bytes[layout] = size / rows
  }
  return [...times, bytes]
}

export async function measure({ share }) {
  const rows = await onServer('MariaDB', [], async ({ mine, port }) => {
    const pool = clients.MariaDB(port, { connectionLimit: 4 })
    mine.teardown(() => pool.end())
    return compareLayouts(pool, share)
  })
  return { packages: ['fastify-scs'], tables: { rows } }
}
