import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { KeyedQueue } from '../../stores/express/keyed-queue.ts'
import { type ExpressSessionStore, ExpressStore } from '../../stores/express.ts'
import { settled, watchCrashes } from '../support/app.ts'
import { holdSet } from '../support/express-peek.ts'
import { BOTH, bytes, DAY, keysOf, noMemory, record, textOf, trace } from '../support/express-records.ts'
import { openMemoryStore } from '../support/express-stores.ts'
import { STYLES, styled } from '../support/express-styles.ts'
import { LIMIT } from '../support/limit.ts'

t.setTimeout(LIMIT)

for (const [style, styleOf] of Object.entries(STYLES)) {
  t.test(`traps 1 and 2: a store may answer by ${style}`, async (t) => {
    const crashes = watchCrashes(t)
    const express = styled(styleOf)
    const store = new ExpressStore(express)
    t.equal(await store.find('key', BOTH), undefined)
    const kept = record('1')
    t.equal(await store.create('key', kept), true)
    t.strictSame(await store.find('key', BOTH), { ...kept, data: Buffer.from('1') })
    t.equal(await store.create('key', record('2')), false)
    t.equal(await store.update('key', bytes('1'), record('2')), true)
    t.equal(await textOf(store, 'key'), '2')
    t.equal(await store.delete('key'), true)
    t.equal(await textOf(store, 'key'), undefined)

    const fault = new Error('the database is down')
    await store.create('key', record('1'))
    express.fail('set', fault)
    await t.rejects(store.update('key', bytes('1'), record('2')), fault)
    express.fail('get', fault)
    await t.rejects(store.find('key', BOTH), fault)
    express.fail('get', undefined)
    express.fail('destroy', fault)
    await t.rejects(store.delete('key'), fault)
    await settled()
    t.strictSame(crashes, [], 'nothing that nobody handles')
  })
}

t.test('trap 1: what a method throws is the error', async (t) => {
  const store = new ExpressStore({ get: noMemory, set: noMemory, destroy: noMemory })
  await t.rejects(store.find('key', BOTH), /out of memory/)
})

t.test('trap 2: a store that calls back at once does not run what comes after within its call', async (t) => {
  let within = false
  const express: ExpressSessionStore = {
    get(_id, callback) {
      within = true
      callback(null, null)
      within = false
    },
    set: noMemory,
    destroy: noMemory,
  }
  const found = new ExpressStore(express).find('key', BOTH).then(() => within)
  t.equal(await found, false)
})

t.test('trap 3: a lost answer keeps the next one waiting until nobody waits for it any more, and no longer', async (t) => {
  const express = openMemoryStore().express
  const store = new ExpressStore(express)
  await store.create('key', record('1'))
  const held = holdSet(express)
  let lost: unknown = 'pending'
  const note = (outcome: unknown) => {
    lost = outcome
  }
  const giveUp = Date.now() + 2000
  store.update('key', bytes('1'), record('lost'), giveUp).then(note, note)
  const next = store.update('key', bytes('1'), record('2'), Date.now() + 60_000)
  await held.called
  held.drop()
  t.equal(await next, true)
  t.ok(Date.now() >= giveUp - 1, 'the turn was not taken away before')
  t.equal(lost, 'pending')
  t.equal(await textOf(store, 'key'), '2')
})

t.test('trap 3: a turn that nobody waits for any more lets no other overtake the one before it', async (t) => {
  const express = openMemoryStore().express
  const store = new ExpressStore(express)
  await store.create('key', record('1'))
  const held = holdSet(express)
  const first = store.update('key', bytes('1'), record('first'), Date.now() + 60 * DAY)
  const second = store.update('key', bytes('1'), record('second'), Date.now() + 20)
  const third = store.update('key', bytes('1'), record('third'), Date.now() + 60_000)
  await held.called
  await sleep(60)
  t.equal(held.calls(), 1, 'the third waits for the first')
  held.release()
  t.equal(await first, true)
  await t.rejects(second, /time was up before this was sent/)
  t.equal(await third, true)
  t.equal(await textOf(store, 'key'), 'third')
})

t.test('trap 3: what was not sent in time is not sent any more', async (t) => {
  const passed = Date.now() - 1
  const express = styled(Object.values(STYLES)[0] ?? noMemory)
  const store = new ExpressStore(express)
  const verbs: Record<string, () => Promise<unknown>> = {
    find: () => store.find('key', BOTH, passed),
    create: () => store.create('key', record('1'), passed),
    update: () => store.update('key', bytes('1'), record('2'), passed),
    rename: () => store.rename('key', 'new', bytes('1'), record('2'), trace(), passed),
    touch: () => store.touch('key', bytes('1'), Date.now() + DAY, passed),
    delete: () => store.delete('key', undefined, passed),
  }
  for (const [name, verb] of Object.entries(verbs)) await t.rejects(verb(), /time was up before this was sent/, name)
  t.strictSame(express.calls, [])
})

t.test('trap 3: a verb whose time ends half-way stops there', async (t) => {
  const express = openMemoryStore().express
  const store = new ExpressStore(express)
  const until = () => Date.now() + 30
  const late: Record<string, () => Promise<boolean>> = {
    create: () => store.create('new', record('2'), until()),
    update: () => store.update('key', bytes('1'), record('2'), until()),
    touch: () => store.touch('key', bytes('1'), Date.now() + DAY, until()),
    delete: () => store.delete('key', undefined, until()),
    rename: () => store.rename('key', 'new', bytes('1'), record('2'), trace(), until()),
  }
  const kept = record('1')
  await store.create('key', kept)
  const { get } = express
  for (const [name, verb] of Object.entries(late)) {
    express.get = (id, callback) => get.call(express, id, (...answer) => setTimeout(callback, 40, ...answer))
    await t.rejects(verb(), /time was up before this was sent/, name)
    express.get = get
    t.strictSame(await keysOf(store), ['key'], name)
    t.strictSame(await store.find('key', BOTH), { ...kept, data: Buffer.from('1') }, name)
  }
})

t.test('turns that are over leave nothing behind', async (t) => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const used = () => {
    collect()
    return process.memoryUsage().heapUsed
  }
  const queue = new KeyedQueue()
  const take = async (count: number) => {
    for (let i = 0; i < count; i++) await queue.run([`${'k'.repeat(40)}${i}`], undefined, async () => true)
    await settled()
  }
  await take(1000)
  const before = used()
  await take(100_000)
  const grown = used() - before
  // What a turn holds would be some 20 MB by then.
  t.ok(grown < 12_000_000, `100,000 turns left ${grown} bytes`)
})
