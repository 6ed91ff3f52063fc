import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import expressSession from 'express-session'
import t from 'tap'
import { storeConformance } from '../../stores/conformance/index.ts'
import { type ExpressSessionStore, ExpressStore } from '../../stores/express.ts'
import { settled } from '../support/app.ts'
import { holdSet } from '../support/express-peek.ts'
import { BOTH, bytes, DAY, idOf, keysOf, record, textOf, trace } from '../support/express-records.ts'
import { FileStore, openFileStore, openMemoryStore, openMemorystore } from '../support/express-stores.ts'

t.test('trap 8: touch needs no touch of the store, and revives nothing in one that would', async (t) => {
  const { express, path, close } = openFileStore()
  t.teardown(close)
  const store = new ExpressStore(express)
  t.equal(await store.touch('key', bytes('1'), Date.now() + DAY), false)
  await store.create('key', record('1', Date.now() + 50))
  await sleep(60)
  t.equal(await store.touch('key', bytes('1'), Date.now() + DAY), false)
  const expiresAt = Date.now() + DAY
  await store.create('key', record('2'))
  t.equal(await store.touch('key', bytes('2'), expiresAt), true)
  t.strictSame(await store.find('key', BOTH), { data: Buffer.from('2'), expiresAt })
  t.strictSame(readdirSync(path), [`${idOf('key')}.json`])
})

t.test('trap 8: within one process, of two that read before they write, none undoes the other', async (t) => {
  // What the contract asks of stores that compare, and this one keeps all the same where one process has the store for itself.
  const kept = [
    'of 50 creates of one key at once, exactly one wins',
    'of 50 creates over one expired record at once, exactly one wins',
    'of 50 renames of one key at once, exactly one wins, and the trace is the winner’s',
    'of 50 deletes of one record at once, exactly one says that it was there',
    'no update that races a delete brings the record back',
    'no touch that races a delete brings the record back',
    'of a rename and a delete of one key at once, exactly one wins',
    'at no moment of a rename do both keys work',
    'the trace of a rename is there as soon as the old key is dead',
  ]
  const ran: string[] = []
  const running: Promise<unknown>[] = []
  storeConformance({
    test(title, run) {
      const name = kept.find((one) => title.startsWith(one))
      if (name === undefined) return
      ran.push(name)
      running.push(t.resolves(run(), name))
    },
    createStore() {
      const { express, close } = openFileStore()
      return { store: new ExpressStore(express), close: async () => void close() }
    },
  })
  await Promise.all(running)
  t.strictSame(ran.sort(), kept.sort())
})

t.test('trap 8: a turn on one key does not wait for the turn on another', async (t) => {
  const { express } = openMemoryStore()
  const store = new ExpressStore(express)
  await store.create('key', record('1'))
  const held = holdSet(express)
  const waiting = store.update('key', bytes('1'), record('2'))
  await held.called
  t.equal(await store.delete('other'), false)
  t.equal(await textOf(store, 'key'), '1', 'nor does a find wait')
  held.release()
  t.equal(await waiting, true)
})

t.test('trap 8: a logout that follows the trace of a renewal waits for the renewal, and ends it', async (t) => {
  const { express } = openMemoryStore()
  const store = new ExpressStore(express)
  await store.create('old', record('1'))
  const held = holdSet(express)
  const renewal = store.rename('old', 'new', bytes('1'), record('2'))
  await held.called
  const ended = store.delete('new')
  await settled()
  held.release()
  t.equal(await renewal, true)
  t.equal(await ended, true)
  t.equal(await textOf(store, 'new'), undefined)
})

t.test('trap 9: a store that complains about a session that is gone has removed nothing', async (t) => {
  const gone = Object.assign(new Error('Record to delete does not exist.'), { code: 'P2025' })
  const express = openMemoryStore().express
  const store = new ExpressStore(express)
  await store.create('key', record('1'))
  const { destroy } = express
  // Another process was faster.
  express.destroy = (id, callback) => destroy.call(express, id, () => callback?.(gone))
  t.equal(await store.delete('key'), false)
  await store.create('key', record('1'))
  t.equal(await store.rename('key', 'new', bytes('1'), record('2'), trace()), false)
  for (const key of ['key', 'new', ';trace']) t.equal(await textOf(store, key), undefined, key)
  await store.create('key', record('1'))
  t.equal(await store.rename('key', 'new', bytes('1'), record('2')), false, 'nor without a trace')
  t.equal(await textOf(store, 'new'), undefined)
})

t.test('trap 9: a store that fails to remove a session that is there has failed', async (t) => {
  const { express } = openMemoryStore()
  const store = new ExpressStore(express)
  await store.create('key', record('1'))
  const fault = new Error('the database is down')
  express.destroy = (_id, callback) => callback?.(fault)
  await t.rejects(store.delete('key'), fault)
  await t.rejects(store.rename('key', 'new', bytes('1'), record('2')), fault)
  t.strictSame(await keysOf(store), ['key'])
})

t.test('a rename that fails half-way leaves no two keys that work', async (t) => {
  const fault = new Error('the database is down')
  for (let step = 0; step < 3; step++) {
    const { express } = openMemoryStore()
    const store = new ExpressStore(express)
    await store.create('old', record('1'))
    let writes = 0
    const { set, destroy } = express
    express.set = (id, session, callback) => (writes++ === step ? callback?.(fault) : set.call(express, id, session, callback))
    express.destroy = (id, callback) => (writes++ === step ? callback?.(fault) : destroy.call(express, id, callback))
    await t.rejects(store.rename('old', 'new', bytes('1'), record('2'), trace()), fault)
    t.strictSame(await keysOf(store), step < 2 ? ['old'] : [])
  }
})

t.test('trap 12: an error event of the store is logged, and ends nothing', async (t) => {
  const { express } = openMemoryStore()
  const store = new ExpressStore(express)
  t.equal(express.emit('error', new Error('before there is a log')), true)
  const logged: [object, string][] = []
  for (let i = 0; i < 20; i++) store.attach({ log: { warn: (fields, message) => void logged.push([fields, message]) } })
  const fault = new Error('the connection is lost')
  express.emit('error', fault)
  t.strictSame(logged, [[{ err: fault }, 'the express-session store reports an error']])
  t.equal(express.listenerCount('error'), 1, 'one listener, however many managers there are')
})

t.test('trap 13: a store made without express-session will do', async (t) => {
  // An ES5 function: session-file-store calls it.
  function Store() {}
  const { path, close } = openFileStore()
  t.teardown(close)
  const Class = FileStore({ Store })
  const express = new Class({ path, retries: 0, reapInterval: -1, logFn() {} })
  t.equal('on' in express, false)
  const store = new ExpressStore(express)
  await store.create('key', record('1'))
  t.equal(await textOf(store, 'key'), '1')
})

t.test('trap 13: what is no store is refused', async (t) => {
  const { get, set, destroy } = expressSession.MemoryStore.prototype
  const wrong: unknown[] = [undefined, null, 'store', {}, expressSession, FileStore, { get, set }, { get, destroy }, { set, destroy }]
  const rule = new TypeError('ExpressStore: the store must be an express-session store, with the methods get, set and destroy')
  for (const store of wrong) t.throws(() => new ExpressStore(store as ExpressSessionStore), rule)
  t.doesNotThrow(() => new ExpressStore({ get, set, destroy }))
})

t.test('trap 15: close leaves the store to whoever made it', async (t) => {
  const { express } = openMemorystore()
  const store = new ExpressStore(express)
  let stopped = 0
  Object.assign(express, { close: () => stopped++, stopInterval: () => stopped++ })
  await store.create('key', record('1'))
  for (let i = 0; i < 2; i++) t.equal(store.close(), undefined)
  t.equal(stopped, 0)
  t.equal(await textOf(store, 'key'), '1')
})

t.test('owners are refused with a sentence', (t) => {
  const store = new ExpressStore(openMemoryStore().express)
  t.throws(() => store.ownedBy(), /does not know the owner of a session/)
  t.throws(() => store.deleteOwnedBy(), /does not know the owner of a session/)
  t.equal(store.deleteExpired(), 0)
  t.end()
})
