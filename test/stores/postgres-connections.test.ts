import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import t from 'tap'
import { PostgresStore } from '../../stores/postgres.ts'
import { settled, watchCrashes } from '../support/app.ts'
import { LIMIT } from '../support/limit.ts'
import { postgresUrl, startPostgres } from '../support/servers/postgres.ts'
import { bytes, record, textOf } from '../support/sql.ts'
import { openPostgres, postgresSite } from '../support/sql-postgres.ts'

t.setTimeout(LIMIT)

const { url, database, pool, connected, given } = await postgresSite(t)

t.test('a statement that has to be sent again without its name is not sent when nobody waits any more', async (t) => {
  const sent: (string | undefined)[] = []
  let until = 0
  const client = {
    async query({ name }: { name?: string }) {
      sent.push(name)
      while (Date.now() < until + 20) await sleep(5)
      throw Object.assign(new Error('no such statement'), { code: '26000' })
    },
  }
  const store = new PostgresStore(client as never)
  // Long enough for the first statement to be sent on any machine.
  until = Date.now() + 2000
  await t.rejects(store.delete('key', undefined, until), /did not answer/)
  await sleep(100)
  t.equal(sent.length, 1)
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
