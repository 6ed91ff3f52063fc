import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import expressSession from 'express-session'
import t from 'tap'
import { ExpressStore } from '../../stores/express.ts'
import { fakeClock } from '../support/clock.ts'
import { allOf, sessionsOf } from '../support/express-peek.ts'
import { BOTH, bytes, DAY, idOf, keysOf, noMemory, record, textOf } from '../support/express-records.ts'
import { openFileStore, openMemoryStore, openMemorystore } from '../support/express-stores.ts'

t.test('trap 4: a session that is not there may be undefined, null, false or ENOENT', async (t) => {
  const enoent = Object.assign(new Error('no such file'), { code: 'ENOENT' })
  for (const nothing of [[], [null], [null, null], [null, false], [enoent], [{ code: 'ENOENT' }]]) {
    const store = new ExpressStore({ get: (_id, callback) => callback(...nothing), set: noMemory, destroy: noMemory })
    t.equal(await store.find('key', BOTH), undefined, JSON.stringify(nothing))
    t.equal(await store.delete('key'), false, JSON.stringify(nothing))
  }
  const eacces = Object.assign(new Error('permission denied'), { code: 'EACCES' })
  const store = new ExpressStore({ get: (_id, callback) => callback(eacces), set: noMemory, destroy: noMemory })
  await t.rejects(store.find('key', BOTH), eacces, 'but not any other error')
})

t.test('trap 4: what other fields a store adds, and whether it keeps the cookie, is of no account', async (t) => {
  const { express } = openMemoryStore()
  const store = new ExpressStore(express)
  const kept = record('1')
  await store.create('key', kept)
  const session = JSON.parse(sessionsOf(express)[idOf('key')] ?? '')
  delete session.cookie
  const changed = { ...session, id: idOf('key'), __lastAccess: 1, lastModified: new Date() }
  express.get = (_id, callback) => callback(null, changed)
  t.strictSame(await store.find('key', BOTH), { data: Buffer.from('1'), expiresAt: kept.expiresAt })
})

t.test('trap 4: a session that is not ours is none', async (t) => {
  const cookie = { originalMaxAge: DAY, expires: new Date(Date.now() + DAY) }
  const expiresAt = Date.now() + DAY
  const scs = { v: 1, key: 'key', data: '', expiresAt }
  const foreign = [
    { cookie, userId: 'u1' },
    { cookie, scs: 'scs' },
    { cookie, scs: null },
    { cookie, scs: { ...scs, v: 2 } },
    { cookie, scs: { ...scs, key: 1 } },
    { cookie, scs: { ...scs, data: null } },
    { cookie, scs: { ...scs, expiresAt: String(expiresAt) } },
    { cookie, scs: { ...scs, key: 'KEY' } },
  ]
  for (const session of foreign) {
    const store = new ExpressStore({ get: (_id, callback) => callback(null, session), set: noMemory, destroy: noMemory })
    t.equal(await store.find('key', BOTH), undefined, JSON.stringify(session))
    t.equal(await store.update('key', bytes('1'), record('2')), false, 'and nothing is written over it')
  }
})

t.test('trap 4: express sessions beside ours are neither listed nor counted', async (t) => {
  for (const express of [openMemoryStore().express, openMemorystore().express]) {
    const store = new ExpressStore(express)
    await store.create('key', record('1'))
    const cookie = Object.assign(new expressSession.Cookie(), { expires: new Date(Date.now() + DAY) })
    await new Promise<void>((resolve) => express.set('express', { cookie }, () => resolve()))
    t.strictSame(await keysOf(store), ['key'])
    t.equal(await store.count(), 1)
  }
})

t.test('trap 5: each write is an object of its own that the store may write into, and that speaks all dialects', async (t) => {
  const written: expressSession.SessionData[] = []
  const { express } = openMemoryStore()
  const { set } = express
  express.set = (id, session, callback) => {
    written.push(session)
    set.call(express, id, session, callback)
  }
  const clock = fakeClock()
  const store = new ExpressStore(express, { clock })
  const kept = record('1', clock() + DAY + 0.5)
  await store.create('key', kept)
  await store.touch('key', bytes('1'), clock() + 2 * DAY)
  const [first, second] = written
  t.not(first, second)
  t.not(first?.cookie, second?.cookie)
  for (const part of [first, first?.cookie]) t.notOk(Object.isFrozen(part))
  t.ok(first?.cookie.expires instanceof Date)
  t.equal(first?.cookie.expires?.getTime(), clock() + DAY)
  t.equal(first?.cookie.originalMaxAge, DAY + 1, 'what is left when it is written, whole milliseconds')
  t.equal(first?.cookie.maxAge, DAY + 1)
  t.equal(second?.cookie.originalMaxAge, 2 * DAY)
  const stored = JSON.parse(JSON.stringify(first?.cookie))
  t.strictSame(Object.keys(stored).sort(), ['expires', 'httpOnly', 'originalMaxAge', 'path'], 'maxAge is not stored')
  t.equal(Reflect.construct(expressSession.Cookie, [stored]).originalMaxAge, DAY + 1, 'express itself can read it')
})

t.test('trap 5: session-file-store writes into the session that it is given', async (t) => {
  const { express, path, close } = openFileStore()
  t.teardown(close)
  const store = new ExpressStore(express)
  const kept = record('1')
  await store.create('key', kept)
  t.type(JSON.parse(readFileSync(`${path}/${idOf('key')}.json`, 'utf8')).__lastAccess, 'number')
  t.strictSame(await store.find('key', BOTH), { data: Buffer.from('1'), expiresAt: kept.expiresAt })
})

t.test('trap 6: memorystore and session-file-store drop a session when it expires, not after a time of their own', async (t) => {
  const memorystore = openMemorystore().express
  const { express: fileStore, path, close } = openFileStore()
  t.teardown(close)
  const soon = Date.now() + 3000
  for (const express of [memorystore, fileStore]) {
    const store = new ExpressStore(express)
    await store.create('short', record('1', soon))
    await store.create('long', record('1', soon + 30 * DAY))
  }
  await sleep(Math.max(0, soon + 50 - Date.now()))
  memorystore.prune()
  t.strictSame(Object.keys(await allOf(memorystore)), [idOf('long')])
  const expired = (key: string) => new Promise((resolve) => fileStore.expired(idOf(key), (_error, answer) => resolve(answer)))
  t.strictSame([await expired('short'), await expired('long')], [true, false])
  t.equal(JSON.parse(readFileSync(`${path}/${idOf('long')}.json`, 'utf8')).cookie.originalMaxAge > 30 * DAY, true)
})

t.test('trap 7: a record that has expired is not written, but what was there goes', async (t) => {
  const { express } = openMemoryStore()
  const sets: string[] = []
  const { set } = express
  express.set = (id, session, callback) => {
    sets.push(id)
    set.call(express, id, session, callback)
  }
  const clock = fakeClock()
  const store = new ExpressStore(express, { clock })
  t.equal(await store.create('key', record('1', clock())), true)
  t.strictSame(sets, [])
  await store.create('key', record('1', clock() + 1000))
  sets.length = 0
  t.equal(await store.update('key', bytes('1'), record('2', clock() - 1)), true)
  t.strictSame([sets, Object.keys(sessionsOf(express))], [[], []])
})

t.test('trap 7: a record that the store still has after its moment is gone', async (t) => {
  const clock = fakeClock()
  const { express } = openMemoryStore()
  const store = new ExpressStore(express, { clock })
  await store.create('key', record('1', clock() + 1000))
  clock.advance(999)
  t.equal(await textOf(store, 'key'), '1')
  clock.advance(1)
  t.equal(await textOf(store, 'key'), undefined)
  t.strictSame(await keysOf(store), [])
  t.equal(await store.count(), 0)
  t.strictSame(Object.keys(sessionsOf(express)), [idOf('key')])
})

t.test('trap 11: ids fit file names and a varchar(128), and no two differ in case alone', async (t) => {
  const { express, path, close } = openFileStore()
  t.teardown(close)
  const store = new ExpressStore(express)
  const keys = ['a'.repeat(43), 'A'.repeat(43), `;${'-'.repeat(42)}`, `_${'Z'.repeat(42)}`]
  for (const key of keys) t.equal(await store.create(key, record(key)), true)
  const names = readdirSync(path)
  t.equal(new Set(names.map((name) => name.toLowerCase())).size, keys.length)
  for (const name of names) t.match(name, /^[0-9a-f]{86}\.json$/)
  for (const key of ['', 'a b', 'a'.repeat(44), 'é', '\0']) await t.rejects(store.find(key, BOTH), RangeError, JSON.stringify(key))
})
