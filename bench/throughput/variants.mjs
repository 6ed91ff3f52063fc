import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { READ, SECRET, VALUES } from '../values.mjs'

/** With the setting that docs/stores.md shows, the same for a store and for what it is held against. */
const CLIENT = { Redis: { enableAutoPipelining: true } }
const DAY = 86_400_000

async function plugin(app, name, options) {
  await app.register((await import(name)).default, options)
}

/** Nothing is kept: what the handler would answer all the same. */
const nothing = { read: () => READ.value, write: () => {} }

const kept = {
  read: ({ session }, key) => session.get(key),
  write: ({ session }, key, value) => session.set(key, value),
  renew: ({ session }) => session.regenerate(),
}

/** A Fastify plugin of others, after @fastify/cookie unless it stands alone. */
const peer = (name, optionsOf, { alone = false } = {}) => ({
  ...{ title: name, packages: [name], keepsSessions: true },
  load: async () => ({
    ...kept,
    async register(app) {
      if (!alone) await plugin(app, '@fastify/cookie')
      await plugin(app, name, await optionsOf())
    },
  }),
})

/** fastify-scs as it comes, on a store. */
const scs = (title, packages, database, storeOf) => ({
  ...{ title, packages, database, keepsSessions: true },
  async load({ dist, port }) {
    const { packaged, clients, storeOn } = await import('../../test/support/databases.mjs')
    const { default: scsSession } = await packaged('index.js', dist)
    const store = await storeOf({
      load: (file) => packaged(file, dist),
      on: (name) => storeOn(name, clients[name](port, CLIENT[name]), { dist }),
    })
    await store?.migrate?.()
    return {
      register: (app) => app.register(scsSession, store === undefined ? {} : { store }),
      read: ({ session }, key) => session.get(key),
      write: ({ session }, key, value) => session.put(key, value),
      renew: ({ session }) => session.renewToken(),
    }
  },
})

const scsOn = (name, driver) => scs(`fastify-scs, ${name}`, [driver], name, ({ on }) => on(name))

/** As full as it gets by default, but for the clients' own. */
async function million({ load }) {
  const { MemoryStore } = await load('index.js')
  const { newToken } = await import('../../build/lib/token.js')
  const store = new MemoryStore({ maxSessions: 2_000_000 })
  const data = Buffer.from(JSON.stringify({ deadline: Date.now() + DAY, values: VALUES }))
  for (let i = 0; i < 1_000_000; i++) store.create(newToken(), { data, expiresAt: Date.now() + DAY + i })
  return store
}

async function lmdb({ load }) {
  const { LmdbStore } = await load('stores/lmdb.js')
  const folder = mkdtempSync(join(tmpdir(), 'scs-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return new LmdbStore(folder)
}

const KEY = 'bench'.padEnd(43, 'x')
const DATA = Buffer.from(JSON.stringify({ deadline: Date.now() + DAY, values: VALUES }))
const TABLE = 'CREATE TABLE IF NOT EXISTS bare (token CHAR(43) PRIMARY KEY, data BLOB NOT NULL)'

/** What a handler would do that has one question for the database. */
const QUESTIONS = {
  async Redis(redis) {
    await redis.set(KEY, DATA)
    return () => redis.getBuffer(KEY)
  },
  async PostgreSQL(pool) {
    await pool.query(TABLE.replace('BLOB', 'BYTEA'))
    await pool.query('INSERT INTO bare VALUES ($1, $2) ON CONFLICT DO NOTHING', [KEY, DATA])
    const query = { name: 'bare', text: 'SELECT data FROM bare WHERE token = $1', values: [KEY] }
    return async () => (await pool.query(query)).rows[0]?.data
  },
  async MariaDB(pool) {
    await pool.query(TABLE)
    await pool.query('INSERT IGNORE INTO bare VALUES (?, ?)', [KEY, DATA])
    return async () => (await pool.execute('SELECT data FROM bare WHERE token = ?', [KEY]))[0][0]?.data
  },
}

const bareOn = (database, title) => ({
  ...{ title, packages: [], database },
  async load({ port }) {
    const { clients } = await import('../../test/support/databases.mjs')
    const ask = await QUESTIONS[database](clients[database](port, CLIENT[database]))
    const read = async () => {
      if ((await ask())?.length !== DATA.length) throw new Error('the row is not there')
      return READ.value
    }
    return { ...nothing, register: () => {}, read }
  },
})

/** Lean: by default it writes the store with every response. */
async function listenExpress(routes) {
  const { default: express } = await import('express')
  const { default: session } = await import('express-session')
  const app = express()
  app.disable('x-powered-by').disable('etag')
  app.use(session({ secret: SECRET, resave: false, saveUninitialized: false, cookie: { maxAge: DAY } }))
  for (const [method, path, answer] of routes) {
    app[method.toLowerCase()](path, async (request, reply) => {
      reply.type('text/plain').send(await answer(request))
    })
  }
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

const express = {
  listen: listenExpress,
  read: ({ session }, key) => session[key],
  write: ({ session }, key, value) => {
    session[key] = value
  },
}

/**
 * What is compared, by name. `load` returns what a server is made of: `register(app)`, or `listen(routes)` where it is no Fastify, then
 * `read(request, key)` and `write(request, key, value)`. `database` names the server that it needs. The peers are lean: by default they write
 * the store, and some the cookie, with every response. Where the whole session is in the cookie there is no store, and no way to end one.
 */
export const variants = {
  bare: { title: 'Fastify alone', packages: ['fastify'], load: () => ({ ...nothing, register: () => {} }) },
  cookie: {
    ...{ title: 'Fastify with @fastify/cookie', packages: ['@fastify/cookie'] },
    load: () => ({ ...nothing, register: (app) => plugin(app, '@fastify/cookie') }),
  },
  session: peer('@fastify/session', () => ({
    ...{ secret: SECRET, saveUninitialized: false, rolling: false },
    cookie: { secure: false, maxAge: DAY },
  })),
  mgcrea: peer('@mgcrea/fastify-session', async () => ({
    ...{ store: new (await import('@mgcrea/fastify-session')).MemoryStore(), secret: SECRET, saveUninitialized: false },
    cookie: { secure: false, maxAge: DAY / 1000 },
  })),
  secure: peer(
    '@fastify/secure-session',
    () => ({ key: Buffer.alloc(32, 7), expiry: DAY / 1000, cookie: { path: '/', maxAge: DAY / 1000 } }),
    { alone: true },
  ),
  express: { title: 'Express with express-session', packages: ['express', 'express-session'], keepsSessions: true, load: () => express },
  scs: scs('fastify-scs', ['fastify-scs'], undefined, () => undefined),
  million: scs('fastify-scs, among 1,000,000 sessions', [], undefined, million),
  redis: scsOn('Redis', 'ioredis'),
  postgres: scsOn('PostgreSQL', 'pg'),
  mysql: scsOn('MariaDB', 'mysql2'),
  lmdb: scs('fastify-scs, LMDB', ['lmdb'], undefined, lmdb),
  'bare-redis': bareOn('Redis', 'one getBuffer'),
  'bare-postgres': bareOn('PostgreSQL', 'one prepared SELECT'),
  'bare-mysql': bareOn('MariaDB', 'one prepared SELECT'),
}
