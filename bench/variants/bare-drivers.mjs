import { READ, VALUES } from '../cases.mjs'
import { mysqlPool, postgresPool, redisClient } from './drivers.mjs'

const KEY = 'bench'.padEnd(43, 'x')
const DATA = Buffer.from(JSON.stringify({ deadline: Date.now() + 86_400_000, values: VALUES }))
const nothing = () => {}

/** The value is there when the bytes are: what a handler would do that has one question for the database. */
function answer(data) {
  if (data?.length !== DATA.length) throw new Error('the row is not there')
  return READ.value
}

const client = {
  async redis() {
    const redis = redisClient()
    await redis.set(KEY, DATA)
    return () => redis.getBuffer(KEY)
  },
  async postgres() {
    const pool = postgresPool()
    await pool.query('CREATE TABLE IF NOT EXISTS bare (token CHAR(43) PRIMARY KEY, data BYTEA NOT NULL)')
    await pool.query('INSERT INTO bare VALUES ($1, $2)', [KEY, DATA])
    const query = { name: 'bare', text: 'SELECT data FROM bare WHERE token = $1', values: [KEY] }
    return async () => (await pool.query(query)).rows[0]?.data
  },
  async mysql() {
    const pool = mysqlPool()
    await pool.query('CREATE TABLE IF NOT EXISTS bare (token CHAR(43) PRIMARY KEY, data BLOB NOT NULL)')
    await pool.query('INSERT INTO bare VALUES (?, ?)', [KEY, DATA])
    return async () => (await pool.execute('SELECT data FROM bare WHERE token = ?', [KEY]))[0][0]?.data
  },
}

function variant(connect) {
  let fetch
  return {
    async register() {
      fetch = await connect()
    },
    read: async () => answer(await fetch()),
    write: nothing,
  }
}

export const redis = variant(client.redis)
export const postgres = variant(client.postgres)
export const mysql = variant(client.mysql)
