import assert from 'node:assert/strict'
import type { SessionStore } from '../../types/store.ts'
import type { CaseContext, ConformanceCase } from './case.ts'
import { answers, bytes, given, holds, isGone, keys, onlyWinner, parallel, record } from './expect.ts'
import { firstWins, inTurns, ROUNDS } from './together.ts'

const MANY = 50

/** What the contract promises under concurrent writes. */
export const raceCases: readonly ConformanceCase[] = [
  {
    name: 'of 50 creates of one key at once, exactly one wins',
    promise: 'atomic steps',
    needs: ['compare'],
    async run({ store, another, later }) {
      const at = await inTurns({ store, another })
      const won = await parallel(MANY, (index) => at(index).create('key', record(`data ${index}`, later())))
      const winner = onlyWinner(won, 'of 50 creates exactly one is true')
      await holds(store, 'key', record(`data ${winner}`, later()), 'the key holds what the winner wrote')
    },
  },
  {
    name: 'of 50 creates over one expired record at once, exactly one wins',
    promise: 'atomic steps',
    needs: ['compare'],
    async run({ store, another, soon, later, pass }) {
      await given(store, { key: record('expired', soon()) })
      await pass()
      const at = await inTurns({ store, another })
      const won = await parallel(MANY, (index) => at(index).create('key', record(`data ${index}`, later())))
      const winner = onlyWinner(won, 'of 50 creates over an expired record exactly one is true')
      await holds(store, 'key', record(`data ${winner}`, later()), 'the key holds what the winner wrote')
    },
  },
  {
    name: 'of 50 updates from the same bytes at once, exactly one wins',
    promise: 'atomic steps',
    needs: ['compare'],
    async run({ store, another, later }) {
      await given(store, { key: record('old', later()) })
      const at = await inTurns({ store, another })
      const won = await parallel(MANY, (index) => at(index).update('key', bytes('old'), record(`data ${index}`, later())))
      const winner = onlyWinner(won, 'of 50 updates from the same bytes exactly one is true')
      await holds(store, 'key', record(`data ${winner}`, later()), 'the key holds what the winner wrote')
    },
  },
  {
    name: 'of 50 renames of one key at once, exactly one wins, and the trace is the winner’s',
    promise: 'atomic steps',
    needs: ['compare'],
    async run({ store, another, later }) {
      await given(store, { old: record('before', later()) })
      const at = await inTurns({ store, another })
      const won = await parallel(MANY, (index) => {
        const trace = { key: ';trace', record: record(`trace ${index}`, later()) }
        return at(index).rename('old', `new${index}`, bytes('before'), record(`data ${index}`, later()), trace)
      })
      const winner = onlyWinner(won, 'of 50 renames of one key exactly one is true')
      await isGone(store, 'old', 'the old key does not work after a rename')
      await holds(store, ';trace', record(`trace ${winner}`, later()), 'the trace is the one that the winner left')
      for (const [index, key] of keys('new', MANY).entries()) {
        if (index === winner) await holds(store, key, record(`data ${winner}`, later()), 'the winner’s key works')
        else await isGone(store, key, 'a rename that lost wrote nothing')
      }
    },
  },
  {
    name: 'of 50 deletes of one record at once, exactly one says that it was there',
    promise: 'atomic steps',
    needs: ['compare'],
    async run({ store, another, later }) {
      await given(store, { key: record('data', later()) })
      const at = await inTurns({ store, another })
      const won = await parallel(MANY, (index) => at(index).delete('key'))
      onlyWinner(won, 'of 50 deletes exactly one is true')
    },
  },
  {
    name: 'no update that races a delete brings the record back',
    promise: 'atomic steps',
    needs: ['compare'],
    async run({ store, another, later }) {
      const at = await inTurns({ store, another })
      for (const key of ROUNDS) {
        await given(store, { [key]: record('0', later()) })
        const write = async (first: number) => {
          for (let n = 0; n < 5; n++) await at(first + n).update(key, bytes(`${n}`), record(`${n + 1}`, later()))
        }
        const [, gone] = await Promise.all([write(0), parallel(1, () => store.delete(key)), write(1)])
        await answers(gone[0], true, 'delete of a record that is updated meanwhile is true')
        await isGone(store, key, 'a key that was deleted lives no more')
      }
    },
  },
  {
    name: 'no touch that races a delete brings the record back',
    promise: 'atomic steps',
    needs: ['compare'],
    async run({ store, another, later }) {
      const at = await inTurns({ store, another })
      for (const key of ROUNDS) {
        await given(store, { [key]: record('data', later()) })
        const touch = () => parallel(5, (index) => at(index).touch(key, bytes('data'), later(index + 2)))
        const [, gone] = await Promise.all([touch(), parallel(1, () => store.delete(key)), touch()])
        await answers(gone[0], true, 'delete of a record that is touched meanwhile is true')
        await isGone(store, key, 'a key that was deleted lives no more')
      }
    },
  },
  {
    name: 'of a rename and a delete of one key at once, exactly one wins',
    promise: 'atomic steps',
    needs: ['compare'],
    async run(context) {
      const { store, later } = context
      for (const [index, key] of ROUNDS.entries()) {
        await given(store, { [key]: record('before', later()) })
        const kept = record('after', later())
        const rename = (at: SessionStore) => at.rename(key, `${key}-new`, bytes('before'), kept)
        const renamed = await firstWins(context, index, rename, (at) => at.delete(key), 'of a rename and a delete exactly one is true')
        await isGone(store, key, 'the old key is dead, renamed or deleted')
        if (renamed) await holds(store, `${key}-new`, kept, 'a rename that is true has put the session under its new key')
        else await isGone(store, `${key}-new`, 'a rename that lost to a delete wrote nothing')
      }
    },
  },
  {
    name: 'of a rename and an update from the same bytes at once, exactly one wins',
    promise: 'atomic steps',
    needs: ['compare'],
    async run(context) {
      const { store, later } = context
      for (const [index, key] of ROUNDS.entries()) {
        await given(store, { [key]: record('before', later()) })
        const [moved, changed] = [record('moved', later()), record('changed', later())]
        const rename = (at: SessionStore) => at.rename(key, `${key}-new`, bytes('before'), moved)
        const update = (at: SessionStore) => at.update(key, bytes('before'), changed)
        const renamed = await firstWins(context, index, rename, update, 'of a rename and an update exactly one is true')
        await holds(store, renamed ? `${key}-new` : key, renamed ? moved : changed, 'the session is as the winner wrote it')
        await isGone(store, renamed ? key : `${key}-new`, 'the loser wrote nothing')
      }
    },
  },
  {
    name: 'at no moment of a rename do both keys work',
    promise: 'atomic steps',
    run: (context) =>
      whileRenaming(context, async (store, key) => {
        if (await store.find(`${key}-new`, { expiry: false })) await isGone(store, key, 'the old key is dead once the new one works')
      }),
  },
  {
    name: 'the trace of a rename is there as soon as the old key is dead',
    promise: 'atomic steps',
    needs: ['compare'],
    run: (context) =>
      whileRenaming(context, async (store, key) => {
        if (await store.find(key, { expiry: false })) return
        assert.ok(await store.find(`;${key}`, { expiry: false }), 'broken: the trace is there as soon as the old key is dead')
      }),
  },
]

/** Renames one session after the other, and calls `look` all the time. */
async function whileRenaming(context: CaseContext, look: (store: SessionStore, key: string) => Promise<void>): Promise<void> {
  const { store, later } = context
  const at = await inTurns(context)
  for (const key of ROUNDS) {
    await given(store, { [key]: record('before', later()) })
    const trace = { key: `;${key}`, record: record('trace', later()) }
    let done = false
    const watch = async () => {
      for (let looks = 0; looks < 1000 && !done; looks++) await look(at(looks), key)
    }
    const rename = async () => {
      await answers(
        store.rename(key, `${key}-new`, bytes('before'), record('after', later()), trace),
        true,
        'rename while others look is true',
      )
      done = true
    }
    await Promise.all([watch(), watch(), rename(), watch()])
  }
}
