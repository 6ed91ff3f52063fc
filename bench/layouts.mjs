// `node bench/layouts.mjs`: MariaDB with the plain table and with SCS's, by turns in one process: microseconds of the server's processor a statement, the
// mean of the three lowest rounds, and bytes a row (decision 19).
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import mysql from 'mysql2/promise'
import { loadEngines, owner } from '../test/support/engines.mjs'

const [ROWS, ROUNDS, AT_ONCE] = [20_000, 12, 8]
await loadEngines()
const { MysqlStore } = await import('../build/stores/mysql.js')
const { mysqlUrl, startMysql } = await import('../build/test/support/servers/mysql.js')

const mine = owner()
const pool = mysql.createPool({ uri: mysqlUrl(await startMysql(mine)), connectionLimit: 4 })
const ask = async (sql) => (await pool.query({ sql, rowsAsArray: true }))[0][0][0]
const stat = `/proc/${readFileSync(await ask('SELECT @@pid_file'), 'utf8').trim()}/stat`
/** User and system time so far; a tick is ten milliseconds. */
const serverTime = () => {
  const [user, system] = readFileSync(stat, 'utf8').split(') ')[1].split(' ').slice(11, 13).map(Number)
  return (user + system) * 10_000
}

const keys = Array.from({ length: ROWS }, () => randomBytes(32).toString('base64url'))
const [data, expiresAt] = [randomBytes(200), Date.now() + 86_400_000]
const any = () => keys[Math.floor(Math.random() * ROWS)]
const eachOf = (count, work) => {
  let done = 0
  const go = async () => {
    while (done < count) await work(done++)
  }
  return Promise.all(Array.from({ length: AT_ONCE }, go))
}

const stores = {}
for (const layout of ['plain', 'scs']) {
  stores[layout] = new MysqlStore(pool, { table: layout, layout })
  await stores[layout].migrate()
  await eachOf(ROWS, (i) => stores[layout].create(keys[i], { data, expiresAt }))
}
const statements = {
  'read, without the expiry': [4000, (store) => store.find(any(), { expiry: false, owner: false })],
  read: [4000, (store) => store.find(any(), { expiry: true })],
  write: [1500, (store) => store.update(any(), data, { data, expiresAt: expiresAt + Math.ceil(Math.random() * 1000) })],
}
for (const [name, [count, work]] of Object.entries(statements)) {
  const times = { plain: [], scs: [] }
  for (let round = 0; round < ROUNDS; round++) {
    for (const layout of round % 2 ? ['plain', 'scs'] : ['scs', 'plain']) {
      const before = serverTime()
      await eachOf(count, () => work(stores[layout]))
      times[layout].push((serverTime() - before) / count)
    }
  }
  const low = (all) =>
    all
      .sort((a, b) => a - b)
      .slice(0, 3)
      .reduce((sum, one) => sum + one / 3, 0)
  console.log(`${name}: plain ${low(times.plain).toFixed(1)} us, SCS ${low(times.scs).toFixed(1)} us`)
}
for (const layout of ['plain', 'scs']) {
  await pool.query(`ANALYZE TABLE ${layout}`)
  const bytes = await ask(`SELECT data_length + index_length FROM information_schema.tables WHERE table_name = '${layout}'`)
  console.log(`${layout}: ${Math.round(bytes / ROWS)} bytes a row`)
}
await pool.end()
await mine.end()
