import assert from 'node:assert/strict'
import type { Answer, SessionStore, StoreEntry } from '../../types/store.ts'
import type { CaseContext, ConformanceCase } from './case.ts'
import { answers, bytes, collect, givenEach, keys, record } from './expect.ts'
import { inTurns } from './together.ts'

/** More sessions than a store reads in one batch. The data of a session is its first key, which identifies it after a rename. */
const SESSIONS = keys('key', 250)

type Write = (store: SessionStore, key: string, index: number) => Answer<boolean>

/** What the listings promise under concurrent writes. */
export const listingRaceCases: readonly ConformanceCase[] = [
  {
    name: 'ownedBy misses none that is renamed after it has begun, to a key that comes before or behind',
    promise: 'owners',
    needs: ['owner'],
    async run(context) {
      const { store, later } = context
      const rename: Write = (at, key, index) => {
        return at.rename(key, `${index % 2 ? 'a' : 'z'}-${key}`, bytes(key), record(key, later(), 'ada'))
      }
      const shown = await readWhile(context, 'ada', store.ownedBy('ada'), rename)
      missesNone(shown, SESSIONS, 'ownedBy misses none that is renamed meanwhile')
    },
  },
  {
    name: 'ownedBy misses none that is renamed as it begins, not even three times',
    promise: 'owners',
    needs: ['owner'],
    async run(context) {
      const { store, later } = context
      const at = await inTurns(context)
      const sessions = SESSIONS.slice(0, 20)
      const kept = (session: string) => record(session, later(), 'ada')
      await givenEach(store, sessions, kept)
      const renameThrice = async (session: string, index: number) => {
        let key = session
        for (const next of ['a', 'b', 'c'].map((letter) => `${letter}-${session}`)) {
          await answers(at(index).rename(key, next, bytes(session), kept(session)), true, 'rename while others list is true')
          key = next
        }
      }
      const before = Promise.all(sessions.slice(0, 10).map(renameThrice))
      const listing = collect(store.ownedBy('ada'))
      const after = Promise.all(sessions.slice(10).map(renameThrice))
      const [, shown] = await Promise.all([before, listing, after])
      missesNone(shown, sessions, 'ownedBy misses none that is renamed meanwhile')
    },
  },
  {
    name: 'ownedBy misses none that is updated or touched after it has begun',
    promise: 'owners',
    needs: ['owner'],
    async run(context) {
      const { store } = context
      const shown = await readWhile(context, 'ada', store.ownedBy('ada'), writing(context, 'ada'))
      missesNone(shown, SESSIONS, 'ownedBy misses none that is written meanwhile')
    },
  },
  {
    name: 'ownedBy misses none that stays with its owner while others are handed over',
    promise: 'owners',
    needs: ['owner'],
    async run(context) {
      const { store, later } = context
      const handOver: Write = (at, key, index) => at.update(key, bytes(key), record(key, later(2), index % 2 ? 'bob' : 'ada'))
      const shown = await readWhile(context, 'ada', store.ownedBy('ada'), handOver)
      const stayed = SESSIONS.filter((_, index) => index % 2 === 0)
      missesNone(shown, stayed, 'ownedBy misses none that stays with its owner')
    },
  },
  {
    name: 'all misses none that is updated or touched after it has begun',
    promise: 'listing',
    needs: ['list'],
    async run(context) {
      const { store } = context
      const shown = await readWhile(context, undefined, store.all(), writing(context, undefined))
      missesNone(shown, SESSIONS, 'all misses none that is written meanwhile')
    },
  },
]

/** Updates a record to an earlier or a later moment, or touches it. */
function writing({ later }: CaseContext, owner: string | undefined): Write {
  return (store, key, index) => {
    if (index % 3 === 0) return store.touch(key, bytes(key), later(3))
    return store.update(key, bytes(key), record(key, later(index % 3 === 1 ? 0.5 : 2), owner))
  }
}

/** Reads a listing of many sessions, each of which is written once the listing has shown the first. */
async function readWhile(
  context: CaseContext,
  owner: string | undefined,
  listing: AsyncIterable<StoreEntry>,
  write: Write,
): Promise<StoreEntry[]> {
  const { store, later } = context
  const at = await inTurns(context)
  await givenEach(store, SESSIONS, (key) => record(key, later(), owner))
  const shown: StoreEntry[] = []
  for await (const entry of listing) {
    if (shown.push(entry) > 1) continue
    const written = await Promise.all(SESSIONS.map(async (key, index) => write(at(index), key, index)))
    assert.ok(
      written.every((answer) => answer === true),
      'broken: a session can be written while others list',
    )
  }
  return shown
}

function missesNone(shown: readonly StoreEntry[], sessions: readonly string[], promise: string): void {
  const seen = new Set(shown.map(({ record: { data } }) => new TextDecoder().decode(data)))
  assert.deepEqual(
    sessions.filter((session) => !seen.has(session)),
    [],
    `broken: ${promise}`,
  )
}
