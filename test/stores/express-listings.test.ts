import type expressSession from 'express-session'
import t from 'tap'
import { type ExpressSessionStore, ExpressStore } from '../../stores/express.ts'
import { allOf } from '../support/express-peek.ts'
import { keysOf, record } from '../support/express-records.ts'
import { openMemoryStore, openMemorystore } from '../support/express-stores.ts'

t.test('trap 10: sessions are listed from ids, from an object, and from an array without ids', async (t) => {
  const { express } = openMemoryStore()
  const all = () => allOf(express)
  const shapes: Record<string, Partial<ExpressSessionStore>> = {
    'ids (connect-redis)': { ids: (callback) => all().then((sessions) => callback(null, Object.keys(sessions))) },
    'an object (MemoryStore)': { all: (callback) => express.all(callback) },
    'an array without ids (connect-mongo)': { all: (callback) => all().then((sessions) => callback(null, Object.values(sessions))) },
    'an array with what cannot be parsed': { all: async () => [null, ...Object.values(await all())] },
  }
  const verbs: ExpressSessionStore = {
    get: (id, callback) => express.get(id, callback),
    set: (id, session, callback) => express.set(id, session as expressSession.SessionData, callback),
    destroy: (id, callback) => express.destroy(id, callback),
  }
  const unlisted = new ExpressStore(verbs)
  const keys = Array.from({ length: 101 }, (_, i) => `key${i}`).sort()
  for (const key of keys) await unlisted.create(key, record(key))
  await unlisted.create(';trace', record('trace'))
  for (const [shape, listing] of Object.entries(shapes)) {
    const store = new ExpressStore({ ...verbs, ...listing })
    t.strictSame(store.lacks, ['compare', 'owner'], shape)
    t.strictSame(await keysOf(store), keys, shape)
    t.equal(await store.count(), 101, shape)
  }
  for (const nothing of [undefined, null, [], {}]) {
    const store = new ExpressStore({ ...verbs, all: (callback) => callback(null, nothing) })
    t.strictSame(await keysOf(store), [])
  }
  t.strictSame(unlisted.lacks, ['compare', 'owner', 'list'])
  await t.rejects(unlisted.count(), /neither ids nor all/)
  await t.rejects(keysOf(unlisted), /neither ids nor all/)
})

t.test('trap 10: ids are asked for a hundred sessions at a time', async (t) => {
  const { express } = openMemorystore()
  const store = new ExpressStore(express)
  await Promise.all(Array.from({ length: 250 }, (_, i) => store.create(`key${i}`, record('1'))))
  let gets = 0
  const { get } = express
  express.get = (id, callback) => {
    gets++
    get.call(express, id, callback)
  }
  const steps: number[] = []
  for await (const _ of store.all()) steps.push(gets)
  t.strictSame([...new Set(steps)], [100, 200, 250])
})

t.test('trap 10: a listing that fails is an error', async (t) => {
  const { express } = openMemoryStore()
  const fault = new Error('the database is down')
  express.all = (callback) => callback(fault)
  await t.rejects(new ExpressStore(express).count(), fault)
})
