import { once } from 'node:events'
import Fastify from 'fastify'
import t from 'tap'
import scsSession from '../../index.ts'
import { SqliteStore } from '../../stores/sqlite.ts'
import { LIMIT } from '../support/limit.ts'
import { localProcess, remoteStore } from '../support/local.ts'
import { sharesFile } from '../support/local-processes.ts'
import { keysOf, record, textOf } from '../support/records.ts'
import { databaseAt, own, placeFor, sqliteStore, sqliteStores } from '../support/sqlite.ts'

t.setTimeout(LIMIT)

const later = Date.now() + 3_600_000

sharesFile(t, sqliteStores)

t.test('six processes that open a new file at once make one table', async (t) => {
  for (let round = 0; round < 3; round++) {
    const path = placeFor(t)
    const remotes = Array.from({ length: 6 }, () => remoteStore(t, 'sqlite', path))
    const created = await Promise.all(remotes.map((remote, index) => remote.call('create', `key${index}`, record('x', later, 'ada'))))
    t.strictSame(created, Array(6).fill(true))
    t.strictSame((await keysOf(sqliteStore(t, path).ownedBy('ada'))).length, 6)
  }
})

t.test('several that migrate SCS’s table at once do it once', async (t) => {
  const path = placeFor(t)
  const database = databaseAt(t, path)
  database.exec('CREATE TABLE sessions (token TEXT PRIMARY KEY, data BLOB NOT NULL, expiry REAL NOT NULL)')
  const remotes = Array.from({ length: 4 }, () => remoteStore(t, 'sqlite', path))
  await Promise.all(remotes.map((remote) => remote.call('migrate')))
  const made = database.prepare("SELECT name FROM sqlite_master WHERE name LIKE 'sessions%' ORDER BY name").all() as { name: string }[]
  t.strictSame(
    made.map(({ name }) => name),
    ['sessions', 'sessions_expiry_idx', 'sessions_keep_owner', 'sessions_owner_idx'],
  )
})

t.test(
  'a lock that another process holds too long: refused in time, the event loop goes on, and nothing is written afterwards',
  async (t) => {
    const path = placeFor(t)
    await sqliteStore(t, path).create('old', record('1', later))
    const database = own.open(path, { timeout: 60_000 })
    t.teardown(() => database.close())
    for (const store of [sqliteStore(t, path), new SqliteStore(database)]) {
      const locker = localProcess(t, 'sqlite-locker', [path])
      t.strictSame(await once(locker, 'message'), ['locked', undefined])
      let turns = 0
      const ticking = setInterval(() => turns++, 1)
      const until = Date.now() + 400
      const writes = [store.create('new', record('x', later), until), store.update('old', Buffer.from('1'), record('2', later), until)]
      const patient = store.delete('patient', undefined, Date.now() + 600_000)
      t.equal(await textOf(store, 'old'), '1', 'reads go on')
      for (const write of writes) {
        await t.rejects(write, {
          name: 'LockedError',
          final: true,
          message: 'SqliteStore: nothing was done, because the database was not free before the time was up',
          cause: { message: 'database is locked' },
        })
      }
      clearInterval(ticking)
      t.ok(Date.now() >= until)
      t.ok(turns > 20, `the event loop went round ${turns} times`)
      await t.rejects(store.delete('old'), { name: 'LockedError' }, 'who set no moment waits for five seconds')
      locker.send('release')
      await once(locker, 'message')
      t.equal(await patient, false, 'who still waits comes to a turn')
      t.strictSame(await keysOf(store.all()), ['old'])
      t.equal(await textOf(store, 'old'), '1')
    }
  },
)

t.test('meanwhile a request that writes is answered with 503, and one that reads as ever', async (t) => {
  const path = placeFor(t)
  const store = sqliteStore(t, path)
  const app = Fastify()
  await app.register(scsSession, { store, storeTimeout: '500ms' })
  app.get('/put', async (request) => request.session.put('number', 1))
  app.get('/get', async (request) => request.session.get('number') ?? 'none')
  t.teardown(() => app.close())
  const { cookie } = await app.sessions.create({ number: 7 })
  const locker = localProcess(t, 'sqlite-locker', [path])
  await once(locker, 'message')
  const [written, read] = await Promise.all([app.inject('/put'), app.inject({ url: '/get', cookies: cookie })])
  t.equal(written.statusCode, 503)
  t.equal(written.headers['set-cookie'], undefined)
  t.strictSame([read.statusCode, read.body], [200, '7'])
  locker.send('release')
  await once(locker, 'message')
  t.equal(await store.count(), 1, 'and what was refused is not made afterwards')
})
