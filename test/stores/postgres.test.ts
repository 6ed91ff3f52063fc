import { once } from 'node:events'
import module from 'node:module'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import t from 'tap'
import { PostgresStore } from '../../stores/postgres.ts'
import { settled, watchCrashes } from '../support/app.ts'
import { LIMIT } from '../support/limit.ts'
import { postgresUrl, startPostgres, usePostgres } from '../support/servers/postgres.ts'
import { bytes, dropTable, fill, HOUR, makeScsTable, record, SHORT_LIFE, tableName, textOf } from '../support/sql.ts'
import { openPostgres, postgresDatabase } from '../support/sql-postgres.ts'
import { conforms } from '../support/store-suite.ts'

t.setTimeout(LIMIT)

/** What loads a CommonJS module. */
const Module = module as unknown as { _load(name: string, ...rest: unknown[]): unknown }

const url = await usePostgres(t)
const database = postgresDatabase(t, url)
const pool = openPostgres(t, { connectionString: url, max: 20 })
/** As another process would have it. */
const otherPool = openPostgres(t, { connectionString: url, max: 10 })

/** How an application may have values read. */
const types = { getTypeParser: () => () => 'not what it was' }
/** Everything that an application may have set, so that it does not matter. */
const ODD = {
  connectionString: url,
  max: 20,
  binary: true,
  options:
    '-c default_transaction_isolation=serializable -c timezone=Asia/Kathmandu -c datestyle=German,DMY -c bytea_output=escape -c intervalstyle=sql_standard -c extra_float_digits=-15',
  types,
}

t.test('the suite, on a table of its own', (t) =>
  conforms(t, 'the suite', { shortLife: SHORT_LIFE, createStore: () => subject(pool, otherPool) }),
)

t.test('the suite, on the table of SCS, as it is', (t) =>
  conforms(t, 'the suite', {
    shortLife: SHORT_LIFE,
    lacks: ['owner'],
    createStore: async () => {
      const table = await makeScsTable(database)
      const store = new PostgresStore(pool, { table })
      await store.find('none', { expiry: false })
      const second = () => new PostgresStore(otherPool, { table, owner: false })
      return { store, second, close: async () => void (await dropTable(database, table)) }
    },
  }),
)

t.test('the suite, with serializable transactions, an odd time zone and every other setting odd too', async (t) => {
  const odd = openPostgres(t, ODD)
  await conforms(t, 'the suite', { shortLife: SHORT_LIFE, createStore: () => subject(odd, otherPool) })
})

t.test('the suite, with a client instead of a pool, in a schema', async (t) => {
  const schema = tableName()
  await pool.query(`CREATE SCHEMA ${schema}`)
  t.teardown(() => pool.query(`DROP SCHEMA ${schema} CASCADE`))
  await conforms(t, 'the suite', {
    shortLife: SHORT_LIFE,
    createStore: async () => {
      const client = await connected()
      const table = `${schema}.${tableName()}`
      const store = new PostgresStore(client, { table })
      await store.migrate()
      return { store, second: () => new PostgresStore(otherPool, { table }), close: () => client.end() }
    },
  })
})

t.test('what is neither a pool nor a client is refused', async (t) => {
  for (const client of [undefined, null, 'postgres://', {}, { connect() {} }, () => {}]) {
    const message = 'PostgresStore: the first argument must be a Pool or a Client of pg'
    t.throws(() => new PostgresStore(client as unknown as pg.Pool), new TypeError(message))
  }
})

t.test('a pool that says nothing of its size will do', async (t) => {
  const { table } = await given(pool)
  const store = new PostgresStore({ connect: () => pool.connect(), totalCount: 0 }, { table })
  t.equal(await store.create('key', record('data')), true)
})

t.test('by default the table is called sessions', async (t) => {
  const own = openPostgres(t, { connectionString: url, max: 1 })
  const schema = tableName()
  await own.query(`CREATE SCHEMA ${schema}; SET search_path = ${schema}`)
  t.teardown(() => own.query(`DROP SCHEMA ${schema} CASCADE`))
  const store = new PostgresStore(own)
  await store.migrate()
  await store.create('key', record('data'))
  const { rows } = await own.query('SELECT indexname FROM pg_indexes WHERE schemaname = $1 ORDER BY 1', [schema])
  t.strictSame(
    rows.map(({ indexname }) => indexname),
    ['sessions_expiry_idx', 'sessions_owner_idx', 'sessions_pkey'],
  )
  t.equal((await own.query('SELECT data FROM sessions')).rows.length, 1)
})

t.test('a moment is kept to the millisecond, until the end of time', async (t) => {
  for (const client of [pool, openPostgres(t, ODD)]) {
    const { store, table } = await given(client)
    for (const at of [
      '2030-03-31T01:59:59.999Z',
      '2030-03-31T02:00:00.001Z',
      '9999-12-31T23:59:59.457Z',
      '9999-12-31T23:59:58.001Z',
      '+275760-09-13T00:00:00.000Z',
    ]) {
      const kept = { data: bytes('data'), expiresAt: Date.parse(at) }
      t.equal(await store.create(at.slice(0, 23), kept), true)
      t.strictSame(await store.find(at.slice(0, 23), { expiry: true }), kept)
      t.equal(await store.update(at.slice(0, 23), bytes('other'), kept), true, 'it is exactly this record')
    }
    const [[row] = []] = await database.query(`SELECT count(*) FROM "${table}" WHERE expiry = '9999-12-31 23:59:59.457+00'`)
    t.equal(row, '1')
    await database.query(`INSERT INTO "${table}" VALUES ('always', 'x', 'infinity')`)
    t.equal((await store.find('always', { expiry: true }))?.expiresAt, 8_640_000_000_000_000)
    for (const expiresAt of [Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_VALUE]) {
      await t.rejects(store.create('never', { data: bytes('data'), expiresAt }), RangeError)
    }
    t.equal(await store.create('dead', { data: bytes('data'), expiresAt: -HOUR }), true, 'a moment long past is a moment')
    t.equal(await textOf(store, 'dead'), undefined)
  }
})

t.test('rows from before all time are cleaned up, and hold up no clean-up', async (t) => {
  const { store, table } = await given(pool)
  const expiries = ['-infinity', '4000-01-01 BC', '1969-12-31 23:59:59.9995', '1970-01-01', '2001-02-03 04:05:06.000007']
  for (const [i, expiry] of expiries.entries()) await database.query(`INSERT INTO "${table}" VALUES ('dead${i}', 'x', '${expiry} UTC')`)
  for (const _ of expiries) t.equal(await store.deleteExpired(1), 1)
  t.equal(await store.deleteExpired(1), 0)
  await database.query(`INSERT INTO "${table}" VALUES ('late', 'x', '-infinity')`)
  t.equal(await store.deleteExpired(10), 1)
})

t.test('a statement that has to be sent again without its name is not sent when nobody waits any more', async (t) => {
  const sent: (string | undefined)[] = []
  const until = Date.now() + 50
  const client = {
    async query({ name }: { name?: string }) {
      sent.push(name)
      while (Date.now() < until + 20) await sleep(5)
      throw Object.assign(new Error('no such statement'), { code: '26000' })
    },
  }
  const store = new PostgresStore(client as never)
  await t.rejects(store.delete('key', undefined, until), /did not answer/)
  await sleep(100)
  t.equal(sent.length, 1)
})

t.test('an owner with a zero byte is refused', async (t) => {
  const { store } = await given(pool)
  await t.rejects(
    store.deleteOwnedBy('a\0'),
    new RangeError('PostgresStore: an owner has no zero byte, which text in PostgreSQL cannot hold'),
  )
})

t.test('a pool whose types an application reads in its own way serves the application as before', async (t) => {
  const own = openPostgres(t, { connectionString: url, types })
  const { store } = await given(own)
  await store.create('key', record('data'))
  t.equal(await textOf(store, 'key'), 'data')
  t.equal((await own.query('SELECT 1 AS one')).rows[0].one, 'not what it was')
})

t.test('with a client, a statement that waited too long for its turn is not sent', async (t) => {
  const { table } = await given(pool)
  const client = await connected()
  t.teardown(() => client.end())
  const store = new PostgresStore(client, { table })
  await store.create('locked', record('data'))
  const letGo = await database.lock(table, 'true')
  const first = store.update('locked', bytes('data'), record('more'))
  const second = store.create('late', record('data'), Date.now() + 20)
  const refused = t.rejects(second, /was not sent/)
  await sleep(60)
  await letGo()
  t.equal(await first, true)
  await refused
  t.equal(await textOf(store, 'late'), undefined)
})

t.test('a connection that is lost while a verb waits is an error of that verb alone', async (t) => {
  const { table, store: other } = await given(pool)
  const own = openPostgres(t, { connectionString: url, max: 1, application_name: table })
  const store = new PostgresStore(own, { table })
  await store.create('key', record('data'))
  const letGo = await database.lock(table, 'true')
  const waiting = store.update('key', bytes('data'), record('more'))
  const refused = t.rejects(waiting, { code: '57P01' })
  await database.untilWaiting(table)
  await pool.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', [table])
  await refused
  await letGo()
  t.equal(await textOf(store, 'key'), 'data', 'the pool has a new connection')
  t.equal(await textOf(other, 'key'), 'data')
})

t.test('a connection that breaks while a verb waits does not end the process', async (t) => {
  const own = openPostgres(t, { connectionString: url, max: 1 })
  const clients: pg.PoolClient[] = []
  own.on('connect', (client) => clients.push(client))
  const { store, table } = await given(own)
  await store.create('key', record('data'))
  const letGo = await database.lock(table, 'true')
  const refused = t.rejects(store.update('key', bytes('data'), record('more')), /terminated unexpectedly/)
  await database.untilWaiting(table)
  for (const client of clients) (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy()
  await refused
  await letGo()
  t.ok(await store.find('key', { expiry: true }), 'the pool has a new connection')
})

t.test('a connection that is lost in the turn in which it opens does not end the process', async (t) => {
  const crashes = watchCrashes(t)
  const message = (type: string, body: string) => {
    const head = Buffer.alloc(5)
    head.write(type)
    head.writeInt32BE(body.length + 4, 1)
    return Buffer.concat([head, Buffer.from(body)])
  }
  // It may be used, it is ready, and it is over: what a server says whose machine is slow to read, when it is killed.
  const over = 'SFATAL\0C57P01\0Mterminating connection due to unexpected postmaster exit\0\0'
  const breath = Buffer.concat([message('R', '\0\0\0\0'), message('Z', 'I'), message('E', over)])
  const server = createServer((socket) => socket.on('error', () => {}).once('data', () => socket.end(breath))).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const store = new PostgresStore(openPostgres(t, { host: '127.0.0.1', port, user: 'ada', database: 'none' }))
  await t.rejects(store.find('key', { expiry: true }))
  await settled()
  t.strictSame(crashes, [])
})

t.test('a statement that the server cuts off costs no connection', async (t) => {
  const { table } = await given(pool)
  const own = openPostgres(t, { connectionString: url, max: 1, statement_timeout: 50 })
  let connections = 0
  own.on('connect', () => connections++)
  const store = new PostgresStore(own, { table })
  await store.create('key', record('data'))
  const letGo = await database.lock(table, 'true')
  for (let i = 0; i < 3; i++) await t.rejects(store.update('key', bytes('data'), record('more')), { code: '57014' })
  await letGo()
  t.equal(connections, 1)
})

t.test('a server that cannot be written to any more costs its connections, for the address may have another one now', async (t) => {
  const { table } = await given(pool)
  const own = openPostgres(t, { connectionString: url, max: 1, options: '-c default_transaction_read_only=on' })
  let connections = 0
  own.on('connect', () => connections++)
  const store = new PostgresStore(own, { table })
  for (let i = 0; i < 2; i++) await t.rejects(store.create('key', record('data')), { code: '25006' })
  t.equal(connections, 2)
})

t.test('prepared statements that somebody else takes away, and a table whose types change, are no error', async (t) => {
  const client = await connected()
  t.teardown(() => client.end())
  const types = ['varchar(200)', 'text', 'varchar(201)']
  for (const one of [openPostgres(t, { connectionString: url, max: 1 }), client]) {
    const { store, table } = await given(one)
    await store.create('key', record('data', undefined, 'ada'))
    for (const [index, sql] of ['DISCARD ALL', ...types.map((type) => `ALTER TABLE "${table}" ALTER owner TYPE ${type}`)].entries()) {
      t.equal((await store.find('key', { expiry: true }))?.owner, 'ada')
      await (index === 0 ? one : pool).query(sql)
      for (let i = 0; i < 2; i++) t.equal((await store.find('key', { expiry: true }))?.owner, 'ada', sql)
    }
    const other = new PostgresStore(one, { table })
    t.equal(await other.update('key', bytes('data'), record('more')), true)
    await one.query('DEALLOCATE ALL')
    t.equal(await other.update('key', bytes('more'), record('data')), true, 'of a write nothing was carried out')
    t.equal(await textOf(store, 'key'), 'data')
  }
})

t.test('an idle connection that the server ends does not end the process, where the application does not listen', async (t) => {
  const crashes = watchCrashes(t)
  const own = new pg.Pool({ connectionString: url, max: 1, application_name: 'idle' })
  t.teardown(() => own.end())
  const { store } = await given(own)
  await store.create('key', record('data'))
  const ended = new Promise((resolve) => own.once('remove', resolve))
  await pool.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'idle'")
  await ended
  t.equal(await textOf(store, 'key'), 'data')
  t.strictSame(crashes, [])
  t.equal(own.listenerCount('error'), 1)
  new PostgresStore(own)
  t.equal(own.listenerCount('error'), 1)
})

t.test('a pool that waits for ever for a connection is warned of', (t) => {
  const warningsOf = (config: pg.PoolConfig) => {
    const warnings: string[] = []
    const own = new pg.Pool(config)
    t.teardown(() => own.end())
    const store = new PostgresStore(own)
    for (let i = 0; i < 2; i++) store.attach({ log: { warn: (_, message) => void warnings.push(message) } })
    return warnings
  }
  t.match(warningsOf({}), [/no connectionTimeoutMillis/])
  t.strictSame(warningsOf({ connectionTimeoutMillis: 2000 }), [])
  t.end()
})

t.test('after its table was renamed, migrate() makes a new one with all its indexes, and once', async (t) => {
  const { store, table } = await given(pool)
  await pool.query(`ALTER TABLE "${table}" RENAME TO "${table}_old"`)
  t.teardown(() => dropTable(database, `${table}_old`))
  await Promise.all([store.migrate(), new PostgresStore(pool, { table }).migrate()])
  const { rows } = await pool.query('SELECT indexdef FROM pg_indexes WHERE tablename = $1 ORDER BY indexdef', [table])
  t.equal(rows.length, 3)
  t.match(rows.map(({ indexdef }) => indexdef).join(), /\(expiry\).*\(owner\) WHERE.*UNIQUE.*\(token\)/)
  const own = database.pool(t, 1)
  await own.store({ table }).migrate()
  t.notMatch(own.sent().join(), /CREATE|ALTER/)
})

t.test('a migration that is refused leaves the connection as it was', async (t) => {
  const table = await makeScsTable(database)
  t.teardown(() => dropTable(database, table))
  const limited = await database.limitedPool(t, [table])
  const store = limited.store({ table })
  await t.rejects(store.migrate(), { code: '42501' })
  t.equal(await store.create('key', record('data')), true)
})

t.test('a clean-up does not go again over what it has removed, while a long transaction may still want to see it', async (t) => {
  const { table } = await given(pool)
  await pool.query(
    `INSERT INTO "${table}" SELECT i, 'x', now() - i * interval '1 second' FROM generate_series(1, 4000) i; ANALYZE "${table}"`,
  )
  const other = await pool.connect()
  await other.query(`BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM "${table}"`)
  const own = openPostgres(t, { connectionString: url, max: 1 })
  const store = new PostgresStore(own, { table })
  for (let i = 0; i < 40; i++) t.equal(await store.deleteExpired(100), 100)
  await other.query('COMMIT')
  other.release()
  await own.query('SELECT pg_stat_force_next_flush()')
  const { rows } = await pool.query('SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = $1', [`${table}_expiry_idx`])
  const read = Number(rows[0].idx_tup_read)
  // From the beginning each time it would be 100 + 200 + … + 4000.
  t.ok(read < 5 * 4000, `${read} entries of the index were read for 4000 rows`)
})

t.test('pg.native is refused', (t) => {
  // Its binding need not be installed for that.
  const { _load } = Module
  t.intercept(Module, '_load', { value: (name: string, ...rest: unknown[]) => (name === 'pg-native' ? class {} : _load(name, ...rest)) })
  const { Client, Pool } = pg.native ?? {}
  t.ok(Client && Pool)
  const message = 'PostgresStore: pg.native reads bytes differently: use a Pool or a Client of pg itself'
  for (const native of [Pool && new Pool(), Client && new Client()])
    t.throws(() => new PostgresStore(native as pg.Pool), new TypeError(message))
  t.end()
})

t.test('after the server was restarted it works as before, with a pool that lost its connections', async (t) => {
  const server = await startPostgres(t)
  const own = openPostgres(t, { connectionString: postgresUrl(server), max: 4 })
  const store = new PostgresStore(own)
  await store.migrate()
  await store.create('key', record('data'))
  await server.kill()
  // A process that serves a connection outlives the one that was killed by a moment.
  let refusal: unknown
  for (let i = 0; refusal === undefined && i < 100; i++) {
    refusal = await store.create(`other${i}`, record('data')).then(
      () => undefined,
      (error: unknown) => error,
    )
  }
  t.ok(refusal instanceof Error, 'there is no server')
  await server.restart()
  t.equal(await textOf(store, 'key'), 'data')
  t.equal(await store.update('key', bytes('data'), record('more')), true)
})

t.test('each statement is prepared once on a connection, under a name that no other has', async (t) => {
  const own = openPostgres(t, { connectionString: url, max: 1 })
  const { store, table } = await given(own)
  const other = new PostgresStore(own, { table, owner: false })
  for (let time = 0; time < 3; time++) {
    for (const one of [store, other]) await one.find('key', { expiry: true })
    await store.count()
  }
  const { rows } = await own.query<{ name: string }>('SELECT name FROM pg_prepared_statements')
  t.equal(rows.length, 3)
  for (const { name } of rows) t.match(name, /^scs_[\w-]{43}$/)
})

t.test('what has expired is found by the index, however many live', async (t) => {
  const { table, store } = await given(pool)
  await fill(database, table, 5000, 3600)
  await store.create('dead', record('data', 0))
  await pool.query(`ANALYZE "${table}"`)
  const own = database.pool(t, 1)
  t.equal(await own.store({ table }).deleteExpired(1000), 1)
  const texts = own.sent()
  t.equal(texts.length, 2)
  for (const text of texts) {
    const plan = (await database.query(`EXPLAIN ${text.replace('$1', "'-infinity'").replace('$2', '1000')}`)).join('\n')
    t.match(plan, new RegExp(`Index.* Scan using ${table}_expiry_idx`))
    t.notMatch(plan, /Seq Scan/)
  }
})

async function connected(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return client
}

async function given(client: pg.Pool | pg.Client) {
  const table = tableName()
  const store = new PostgresStore(client, { table })
  await store.migrate()
  t.teardown(() => dropTable(database, table))
  return { store, table }
}

async function subject(client: pg.Pool, other: pg.Pool) {
  const table = tableName()
  const store = new PostgresStore(client, { table })
  await store.migrate()
  return { store, second: () => new PostgresStore(other, { table }), close: async () => void (await dropTable(database, table)) }
}
