import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import Fastify from 'fastify'
import t from 'tap'
import scsSession from '../../index.ts'
import { SqliteStore } from '../../stores/sqlite.ts'
import { LIMIT } from '../support/limit.ts'
import { localProcess, remoteStore } from '../support/local.ts'
import { keysOf, record } from '../support/records.ts'
import { damageOf, databaseAt, own, placeFor, sqliteStore, textOf } from '../support/sqlite.ts'

t.setTimeout(LIMIT)

const later = Date.now() + 3_600_000

t.test('of 50 updates from each of four processes none is lost', async (t) => {
  const path = placeFor(t)
  const store = sqliteStore(t, path)
  await store.create('counter', record('0', later))
  const children = Array.from({ length: 4 }, () => localProcess(t, 'local-counter', ['sqlite', path, '50']))
  const retries = await Promise.all(
    children.map(async (child) => {
      const [output, [code]] = await Promise.all([child.stdout ? text(child.stdout) : '', once(child, 'exit')])
      t.equal(code, 0)
      return Number(output)
    }),
  )
  t.equal(Number.parseInt((await textOf(store, 'counter')) ?? '', 10), 200)
  t.comment(`${retries.join(', ')} updates had to be tried again`)
})

t.test('what one process was told is done, the next find in another sees', async (t) => {
  const path = placeFor(t)
  const store = sqliteStore(t, path)
  const remote = remoteStore(t, 'sqlite', path)
  for (let round = 0; round < 100; round++) {
    t.equal(await remote.call('create', 'key', record(`${round}`, later)), true)
    t.equal(await textOf(store, 'key'), `${round}`)
    t.equal(await remote.call('delete', 'key'), true)
    t.equal(await textOf(store, 'key'), undefined)
  }
})

t.test('a session that one process ends, no other renews or changes', async (t) => {
  const path = placeFor(t)
  const store = sqliteStore(t, path)
  const remote = remoteStore(t, 'sqlite', path)
  for (let round = 0; round < 50; round++) {
    const [old, next] = [`old${round}`, `new${round}`]
    await store.create(old, record('1', later, 'ada'))
    const renewed = remote.call('rename', old, next, Buffer.from('1'), record('2', later, 'ada'))
    const [ended, moved] = await Promise.all([store.delete(old), renewed])
    t.not(ended, moved, 'one of the two wins')
    t.equal(await textOf(store, old), undefined)
    t.equal((await textOf(store, next)) !== undefined, moved)
  }
})

t.test('an owner’s sessions end, those too that another process renews meanwhile', async (t) => {
  const path = placeFor(t)
  const store = sqliteStore(t, path)
  const remote = remoteStore(t, 'sqlite', path)
  for (let round = 0; round < 50; round++) {
    const [old, next] = [`old${round}`, `new${round}`]
    await store.create(old, record('1', later, 'ada'))
    const renewed = remote.call('rename', old, next, Buffer.from('1'), record('2', later, 'ada'))
    t.equal(await store.deleteOwnedBy('ada'), 1)
    await renewed
    t.strictSame(await keysOf(store.all()), [])
  }
})

t.test('two processes that clean up at once remove each expired session once, and no living one', async (t) => {
  const path = placeFor(t)
  const store = sqliteStore(t, path)
  const remote = remoteStore(t, 'sqlite', path)
  const dead = Array.from({ length: 2000 }, (_, index) => store.create(`dead${index}`, record('x', Date.now() + 1, 'ada')))
  const alive = Array.from({ length: 50 }, (_, index) => store.create(`alive${index}`, record('x', later, 'ada')))
  await Promise.all([...dead, ...alive])
  const clean = async (batch: () => PromiseLike<unknown> | unknown) => {
    let removed = 0
    for (;;) {
      const some = Number(await batch())
      removed += some
      if (some < 100) return removed
    }
  }
  const removed = await Promise.all([clean(() => store.deleteExpired(100)), clean(() => remote.call('deleteExpired', 100))])
  t.equal(removed[0] + removed[1], 2000)
  t.equal((await keysOf(store.all())).length, 50)
  t.equal(await store.count(), 50)
  await store.close()
  t.strictSame(damageOf(databaseAt(t, path)), [])
})

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
          message: 'SqliteStore: nothing was done, for the database was not free before the time was up',
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
