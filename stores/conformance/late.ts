import assert from 'node:assert/strict'
import type { Answer, SessionStore, StoreLack, StoreRecord } from '../../types/store.ts'
import type { CaseContext, ConformanceCase } from './case.ts'
import { answers, bytes, given, holds, isGone, keys, parallel, record } from './expect.ts'

interface LateVerb {
  readonly name: string
  readonly needs?: readonly StoreLack[]
  /** Calls the verb with an `until` that has passed. In time it would change something. */
  call(context: CaseContext, until: number): Answer<unknown>
}

const verbs: readonly LateVerb[] = [
  {
    name: 'create that comes too late adds nothing',
    call: ({ store, later }, until) => store.create('new', record('new', later()), until),
  },
  {
    name: 'update that comes too late replaces nothing',
    call: ({ store, later }, until) => store.update('key', bytes('old'), record('new', later(2), 'bob'), until),
  },
  {
    name: 'rename that comes too late moves nothing and leaves no trace',
    call: ({ store, later }, until) => {
      const trace = { key: ';trace', record: record('trace', later()) }
      return store.rename('key', 'new', bytes('old'), record('new', later(2), 'bob'), trace, until)
    },
  },
  {
    name: 'touch that comes too late prolongs nothing',
    call: ({ store, later }, until) => store.touch('key', bytes('old'), later(2), until),
  },
  {
    name: 'delete that comes too late removes nothing',
    call: ({ store }, until) => store.delete('key', undefined, until),
  },
  {
    name: 'delete with the bytes that were loaded removes nothing when it comes too late',
    call: ({ store }, until) => store.delete('key', bytes('old'), until),
  },
  {
    name: 'deleteOwnedBy that comes too late removes nothing',
    needs: ['owner'],
    call: ({ store }, until) => store.deleteOwnedBy('ada', undefined, until),
  },
]

/**
 * What the contract promises about `until`: once it has passed, nothing is done that was reported as a failure. A store may throw, or answer that it did
 * nothing. The manager calls no verb so late, but a queue, a reconnecting driver or a retry can make any verb that late.
 */
export const lateCases: readonly ConformanceCase[] = [
  ...verbs.map(
    ({ name, needs = [], call }): ConformanceCase => ({
      name,
      promise: 'late commands',
      needs,
      async run(context) {
        const { store, later, tooLate } = context
        const kept = record('old', later(), 'ada')
        await given(store, { key: kept })
        await doesNothing(() => call(context, tooLate()), name)
        await settle(store)
        await isAsItWas(store, kept, name)
        await Promise.all(keys('busy', 20).map((key) => given(store, { [key]: record('busy', later()) })))
        const busy = parallel(20, (index) => store.touch(`busy${index}`, bytes('busy'), later(2)))
        await Promise.all([busy, doesNothing(() => call(context, tooLate()), name)])
        await settle(store)
        await isAsItWas(store, kept, name)
      },
    }),
  ),
  {
    name: 'of many at once, those that come too late do nothing, and the others are carried out',
    promise: 'late commands',
    async run({ store, later, tooLate }) {
      const until = Math.max(Date.now(), later()) + 60_000
      const kept = record('data', later())
      const isLate = (index: number) => index % 3 === 1
      await parallel(30, async (index) => {
        if (isLate(index)) await doesNothing(() => store.create(`key${index}`, kept, tooLate()), 'create that comes too late adds nothing')
        else await answers(store.create(`key${index}`, kept, until), true, 'create in time is true, whatever comes too late beside it')
      })
      await settle(store)
      for (const [index, key] of keys('key', 30).entries()) {
        if (isLate(index)) await isGone(store, key, 'create that comes too late adds nothing')
        else await holds(store, key, kept, 'create in time adds the record, whatever comes too late beside it')
      }
    },
  },
]

/** A verb that comes too late throws, or answers that it did nothing. */
async function doesNothing(verb: () => Answer<unknown>, promise: string): Promise<void> {
  let answer: unknown
  try {
    answer = await verb()
  } catch {
    return
  }
  assert.ok(!answer, `broken: ${promise}: it answers ${answer}`)
}

/** Waits for what may still be under way: a store that answers too early does the work afterwards. */
async function settle(store: SessionStore): Promise<void> {
  for (let round = 0; round < 10; round++) {
    await store.find('none', { expiry: true })
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function isAsItWas(store: SessionStore, kept: StoreRecord, promise: string): Promise<void> {
  await holds(store, 'key', kept, promise)
  for (const key of ['new', ';trace']) await isGone(store, key, promise)
}
