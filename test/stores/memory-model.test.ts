import assert from 'node:assert/strict'
import t from 'tap'
import { MemoryStore } from '../../stores/memory.ts'
import type { SessionStore, StoreRecord } from '../../types/store.ts'
import { fakeClock } from '../support/clock.ts'
import { fc } from '../support/fc.ts'
import { LIMIT } from '../support/limit.ts'
import { start } from '../support/memory.ts'
import { bytes, entriesOf } from '../support/records.ts'
import { ReferenceStore } from '../support/reference-store.ts'

t.setTimeout(LIMIT)

// Few keys, texts, owners and moments, so that they meet.
const key = fc.constantFrom('a', 'b', 'c', ';t')
const data = fc.constantFrom('', '1', '2').map(bytes)
const moment = fc.constantFrom(0, 1, 2, 5, 10).map((ms) => start + ms)
const owner = fc.constantFrom(undefined, 'ada', 'bob')
const anyRecord: fc.Arbitrary<StoreRecord> = fc.record({ data, expiresAt: moment, owner })
const command = fc.oneof(
  fc.record({ verb: fc.constant('advance' as const), ms: fc.constantFrom(1, 3) }),
  fc.record({ verb: fc.constant('find' as const), key }),
  fc.record({ verb: fc.constant('create' as const), key, record: anyRecord }),
  fc.record({ verb: fc.constant('update' as const), key, previous: data, record: anyRecord }),
  fc.record({
    verb: fc.constant('rename' as const),
    ...{ from: key, to: key, previous: data, record: anyRecord },
    trace: fc.option(fc.record({ key: fc.constant(';t'), record: anyRecord }), { nil: undefined }),
  }),
  fc.record({ verb: fc.constant('touch' as const), key, previous: data, expiresAt: moment }),
  fc.record({ verb: fc.constant('delete' as const), key, previous: fc.option(data, { nil: undefined }) }),
  fc.record({
    verb: fc.constant('deleteOwnedBy' as const),
    owner: fc.constantFrom('ada', 'bob'),
    except: fc.option(key, { nil: undefined }),
  }),
  fc.record({ verb: fc.constant('deleteExpired' as const), limit: fc.constantFrom(1, 100) }),
  fc.record({ verb: fc.constantFrom('all' as const, 'ownedBy' as const, 'count' as const) }),
)

t.test('in whatever order it is used, it answers as the plainest store does', async (t) => {
  for (const maxSessions of [1000, 1_000_000]) {
    const property = fc.asyncProperty(fc.array(command, { maxLength: 60 }), async (commands) => {
      const clock = fakeClock(start)
      const stores = [new MemoryStore({ clock, maxSessions }), new ReferenceStore({ now: clock })] as const
      for (const one of commands) {
        if (one.verb === 'advance') clock.advance(one.ms)
        else assert.deepEqual(plain(await perform(stores[0], one)), plain(await perform(stores[1], one)))
      }
    })
    await t.resolves(fc.assert(property, { numRuns: 500 }), `of at most ${maxSessions}`)
  }
})

t.test('however small it is and whatever is done, nothing is left once everything has expired', async (t) => {
  for (const maxSessions of [1, 2, 3]) {
    const property = fc.asyncProperty(fc.array(command, { maxLength: 60 }), async (commands) => {
      const clock = fakeClock(start)
      const store = new MemoryStore({ clock, maxSessions })
      for (const one of commands) {
        if (one.verb === 'advance') clock.advance(one.ms)
        else await perform(store, one)
        assert.ok((await entriesOf(store.all())).length <= maxSessions)
      }
      clock.advance(1000)
      assert.equal(store.count(), 0)
      assert.equal(store.deleteExpired(100), 0)
      for (const name of ['ada', 'bob']) assert.deepEqual(await entriesOf(store.ownedBy(name)), [])
    })
    await t.resolves(fc.assert(property, { numRuns: 500 }), `of at most ${maxSessions}`)
  }
})

type Command = typeof command extends fc.Arbitrary<infer T> ? Exclude<T, { verb: 'advance' }> : never

/** An answer for comparison: what kind of array the bytes are in is not promised, nor whether a missing owner is undefined. */
function plain(answer: unknown): unknown {
  return JSON.parse(
    JSON.stringify({ answer }, (_, value) => (value?.data === undefined ? value : { ...value, data: String(Buffer.from(value.data)) })),
  )
}

function perform(store: SessionStore, one: Command): unknown {
  switch (one.verb) {
    case 'find':
      return store.find(one.key, { expiry: true })
    case 'create':
      return store.create(one.key, one.record)
    case 'update':
      return store.update(one.key, one.previous, one.record)
    case 'rename':
      return store.rename(one.from, one.to, one.previous, one.record, one.trace)
    case 'touch':
      return store.touch(one.key, one.previous, one.expiresAt)
    case 'delete':
      return store.delete(one.key, one.previous)
    case 'deleteOwnedBy':
      return store.deleteOwnedBy(one.owner, one.except)
    case 'deleteExpired':
      return store.deleteExpired(one.limit)
    case 'count':
      // It may remove what has expired, which would show in the number that the next clean-up gives.
      store.deleteExpired(100)
      return store.count()
    case 'all':
      return entriesOf(store.all())
    case 'ownedBy':
      return entriesOf(store.ownedBy('ada'))
  }
}
