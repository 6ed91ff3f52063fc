import { createHash } from 'node:crypto'
import { pathToFileURL } from 'node:url'
import { Redis } from 'ioredis'
import mysql from 'mysql2/promise'
import pg from 'pg'
import { loadEngines, owner } from './engines.mjs'

const host = '127.0.0.1'

/** A client of a server of ours, by the server's name, with the settings that docs/stores.md shows. */
export const clients = {
  Redis: (port, more) => new Redis({ host, port, ...more }),
  PostgreSQL: (port, more) => new pg.Pool({ host, port, user: 'postgres', database: 'postgres', ...more }),
  MariaDB: (port, more) => mysql.createPool({ host, port, user: 'root', database: 'test', ...more }),
}

const STORES = { Redis: ['redis', 'RedisStore'], PostgreSQL: ['postgres', 'PostgresStore'], MariaDB: ['mysql', 'MysqlStore'] }
const DIST = new URL('../../dist/', import.meta.url)

/** A module of a built package: of this checkout, unless another folder is named. */
export const packaged = (file, folder) => import(new URL(file, folder ? pathToFileURL(`${folder}/`) : DIST).href)

/** A store on a client. */
export async function storeOn(name, client, { dist, ...options } = {}) {
  const [file, Store] = STORES[name]
  return new (await packaged(`stores/${file}.js`, dist))[Store](client, options)
}

/** Starts a server of ours for some work, and ends it. `connect` opens a store as an application would, `mine` takes what is to be ended. */
export async function onServer(name, settings, work) {
  const { databaseOf, startDatabase } = await loadEngines()
  const [mine, engine] = [owner(), databaseOf(name)]
  try {
    const server = await startDatabase(mine, engine, settings)
    return await work({
      mine,
      server,
      port: server.port,
      connect: (connections, port = server.port) => engine.connect(mine, port, connections),
    })
  } finally {
    await mine.end()
  }
}

/** Memory for the tables, as a database of a million sessions would have it, and commits that are on the disk. */
export const LARGE = {
  PostgreSQL: ['-c', 'shared_buffers=1GB', '-c', 'fsync=on'],
  MariaDB: ['--innodb-buffer-pool-size=1G'],
}

const md5 = (text) => createHash('md5').update(text).digest('hex')

/** 43 characters without an order, which each server can make by itself. */
export const madeKey = (prefix, i) => `${md5(`${prefix}${i}`)}${md5(`more ${prefix}${i}`)}`.slice(0, 43)

const NOW = "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000"
const INSERTS = {
  PostgreSQL: ({ table, prefix, count, from, days, owners }) => [
    `INSERT INTO ${table} (token, data, expiry, owner)
     SELECT left(md5('${prefix}' || i) || md5('more ${prefix}' || i), 43), decode(repeat(md5(i::text), 12), 'hex'),
       now() + (${from} + ${days} * random()) * interval '1 day', ${owners ? `'user' || i % ${owners}` : 'NULL'}
     FROM generate_series(0, ${count - 1}) AS i`,
    `VACUUM ANALYZE ${table}`,
  ],
  // In the order of the keys, by which InnoDB keeps its rows: in any other this takes minutes.
  MariaDB: ({ table, prefix, count, from, days, owners }) => [
    `INSERT INTO ${table} (token, data, expiry, owner)
     SELECT LEFT(CONCAT(MD5(CONCAT('${prefix}', seq)), MD5(CONCAT('more ${prefix}', seq))), 43) AS token, UNHEX(REPEAT(MD5(seq), 12)),
       ${NOW} + FLOOR(86400000 * (${from} + ${days} * RAND())), ${owners ? `CONCAT('user', seq % ${owners})` : 'NULL'}
     FROM seq_0_to_${count - 1} ORDER BY token`,
    `ANALYZE TABLE ${table}`,
  ],
}

/** Fills a table with `count` sessions of 192 bytes, faster than one by one; they expire within `days` that begin `from` days from now. */
export async function fillTable(name, client, rows) {
  for (const statement of INSERTS[name](rows)) await client.query(statement)
}
