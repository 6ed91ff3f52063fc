import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import t from 'tap'
import { PostgresStore } from '../../stores/postgres.ts'
import { settled, watchCrashes } from '../support/app.ts'
import { LIMIT } from '../support/limit.ts'
import { postgresUrl, startPostgres, usePostgres } from '../support/servers/postgres.ts'
import { bytes, dropTable, fill, HOUR, makeScsTable, record, SHORT_LIFE, tableName, textOf } from '../support/sql.ts'
import { openPostgres, postgresEngine } from '../support/sql-postgres.ts'
import { conforms } from '../support/store-suite.ts'

t.setTimeout(LIMIT)

const url = await usePostgres(t)
const engine = postgresEngine(t, url)
const pool = openPostgres(t, { connectionString: url, max: 20 })

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

t.test('the suite, on a table of its own', (t) => conforms(t, 'the suite', { shortLife: SHORT_LIFE, createStore: () => subject(pool) }))

t.test('the suite, on the table of SCS, as it is', (t) =>
  conforms(t, 'the suite', {
    shortLife: SHORT_LIFE,
    lacks: ['owner'],
    createStore: async () => {
      const table = await makeScsTable(engine)
      const store = new PostgresStore(pool, { table })
      await store.find('none', { expiry: false })
      return { store, close: async () => void (await dropTable(engine, table)) }
    },
  }),
)

t.test('the suite, with serializable transactions, an odd time zone and every other setting odd too', async (t) => {
  const odd = openPostgres(t, ODD)
  await conforms(t, 'the suite', { shortLife: SHORT_LIFE, createStore: () => subject(odd) })
})

t.test('the suite, with a client instead of a pool, in a schema', async (t) => {
  const schema = tableName()
  await pool.query(`CREATE SCHEMA ${schema}`)
  t.teardown(() => pool.query(`DROP SCHEMA ${schema} CASCADE`))
  await conforms(t, 'the suite', {
    shortLife: SHORT_LIFE,
    createStore: async () => {
      const client = await connected()
      const store = new PostgresStore(client, { table: `${schema}.${tableName()}` })
      await store.migrate()
      return { store, close: () => client.end() }
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
    for (const at of ['2030-03-31T01:59:59.999Z', '2030-03-31T02:00:00.001Z', '9999-12-31T23:59:59.457Z', '+275760-09-13T00:00:00.000Z']) {
      const kept = { data: bytes('data'), expiresAt: Date.parse(at) }
      t.equal(await store.create(at.slice(0, 23), kept), true)
      t.strictSame(await store.find(at.slice(0, 23), { expiry: true }), kept)
      t.equal(await store.update(at.slice(0, 23), bytes('other'), kept), true, 'it is exactly this record')
    }
    const [[row] = []] = await engine.query(`SELECT count(*) FROM "${table}" WHERE expiry = '9999-12-31 23:59:59.457+00'`)
    t.equal(row, '1')
    await engine.query(`INSERT INTO "${table}" VALUES ('always', 'x', 'infinity')`)
    t.equal((await store.find('always', { expiry: true }))?.expiresAt, 8_640_000_000_000_000)
    for (const expiresAt of [Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_VALUE]) {
      await t.rejects(store.create('never', { data: bytes('data'), expiresAt }), RangeError)
    }
    t.equal(await store.create('dead', { data: bytes('data'), expiresAt: -HOUR }), true, 'a moment long past is a moment')
    t.equal(await textOf(store, 'dead'), undefined)
  }
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
  const letGo = await engine.lock(table, 'true')
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
  const letGo = await engine.lock(table, 'true')
  const waiting = store.update('key', bytes('data'), record('more'))
  const refused = t.rejects(waiting, { code: '57P01' })
  await engine.untilWaiting(table)
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
  const letGo = await engine.lock(table, 'true')
  const refused = t.rejects(store.update('key', bytes('data'), record('more')), /terminated unexpectedly/)
  await engine.untilWaiting(table)
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

t.test('an error that leaves the connection as it was does not cost the pool a connection', async (t) => {
  const own = openPostgres(t, { connectionString: url, max: 1 })
  let connections = 0
  own.on('connect', () => connections++)
  const { store } = await given(own)
  await store.create('a', record('a'))
  await store.create('b', record('b'))
  t.equal(await store.rename('a', 'b', bytes('a'), record('c')), false)
  t.equal(connections, 1)
  await t.rejects(new PostgresStore(own, { table: tableName() }).count())
  t.equal(await store.count(), 2)
  t.equal(connections, 2, 'any other error does')
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
  const { table } = await given(pool)
  await fill(engine, table, 5000, 3600)
  await pool.query(`ANALYZE "${table}"`)
  const own = engine.pool(t, 1)
  await own.store({ table }).deleteExpired(1000)
  const [text = ''] = own.sent()
  const plan = (await engine.query(`EXPLAIN ${text.replace('$1', '1000')}`)).join('\n')
  t.match(plan, new RegExp(`Index.* Scan using ${table}_expiry_idx`))
  t.notMatch(plan, /Seq Scan/)
})

async function connected(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return client
}

async function given(client: pg.Pool) {
  const table = tableName()
  const store = new PostgresStore(client, { table })
  await store.migrate()
  t.teardown(() => dropTable(engine, table))
  return { store, table }
}

async function subject(client: pg.Pool) {
  const table = tableName()
  const store = new PostgresStore(client, { table })
  await store.migrate()
  return { store, close: async () => void (await dropTable(engine, table)) }
}
