import assert from 'node:assert/strict'
import type { Answer, SessionStore } from '../../types/store.ts'
import type { CaseContext, ConformanceCase } from './case.ts'
import { answers, bytes, given, holds, isGone, keys, onlyWinner, parallel, record } from './expect.ts'

const MANY = 50
const ROUNDS = keys('round', 10)

type Verb = () => Answer<boolean>

/** What the contract promises when several write at once. */
export const raceCases: readonly ConformanceCase[] = [
  {
    name: 'of 50 creates of one key at once, exactly one wins',
    needs: ['compare'],
    async run({ store, later }) {
      const won = await parallel(MANY, (index) => store.create('key', record(`data ${index}`, later())))
      const winner = onlyWinner(won, 'of 50 creates exactly one is true')
      await holds(store, 'key', record(`data ${winner}`, later()), 'the key holds what the winner wrote')
    },
  },
  {
    name: 'of 50 creates over one expired record at once, exactly one wins',
    needs: ['compare'],
    async run({ store, soon, later, pass }) {
      await given(store, { key: record('expired', soon()) })
      await pass()
      const won = await parallel(MANY, (index) => store.create('key', record(`data ${index}`, later())))
      const winner = onlyWinner(won, 'of 50 creates over an expired record exactly one is true')
      await holds(store, 'key', record(`data ${winner}`, later()), 'the key holds what the winner wrote')
    },
  },
  {
    name: 'of 50 updates from the same bytes at once, exactly one wins',
    needs: ['compare'],
    async run({ store, later }) {
      await given(store, { key: record('old', later()) })
      const won = await parallel(MANY, (index) => store.update('key', bytes('old'), record(`data ${index}`, later())))
      const winner = onlyWinner(won, 'of 50 updates from the same bytes exactly one is true')
      await holds(store, 'key', record(`data ${winner}`, later()), 'the key holds what the winner wrote')
    },
  },
  {
    name: 'of 50 renames of one key at once, exactly one wins, and the trace is the winner’s',
    needs: ['compare'],
    async run({ store, later }) {
      await given(store, { old: record('before', later()) })
      const won = await parallel(MANY, (index) => {
        const trace = { key: ';trace', record: record(`trace ${index}`, later()) }
        return store.rename('old', `new${index}`, bytes('before'), record(`data ${index}`, later()), trace)
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
    needs: ['compare'],
    async run({ store, later }) {
      await given(store, { key: record('data', later()) })
      const won = await parallel(MANY, () => store.delete('key'))
      onlyWinner(won, 'of 50 deletes exactly one is true')
    },
  },
  {
    name: 'no update that races a delete brings the record back',
    needs: ['compare'],
    async run({ store, later }) {
      for (const key of ROUNDS) {
        await given(store, { [key]: record('0', later()) })
        const write = async () => {
          for (let n = 0; n < 5; n++) await store.update(key, bytes(`${n}`), record(`${n + 1}`, later()))
        }
        const [, gone] = await Promise.all([write(), parallel(1, () => store.delete(key)), write()])
        await answers(gone[0], true, 'delete of a record that is updated meanwhile is true')
        await isGone(store, key, 'a key that was deleted lives no more')
      }
    },
  },
  {
    name: 'no touch that races a delete brings the record back',
    needs: ['compare'],
    async run({ store, later }) {
      for (const key of ROUNDS) {
        await given(store, { [key]: record('data', later()) })
        const touch = () => parallel(5, (index) => store.touch(key, bytes('data'), later(index + 2)))
        const [, gone] = await Promise.all([touch(), parallel(1, () => store.delete(key)), touch()])
        await answers(gone[0], true, 'delete of a record that is touched meanwhile is true')
        await isGone(store, key, 'a key that was deleted lives no more')
      }
    },
  },
  {
    name: 'of a rename and a delete of one key at once, exactly one wins',
    needs: ['compare'],
    async run({ store, later }) {
      for (const [index, key] of ROUNDS.entries()) {
        await given(store, { [key]: record('before', later()) })
        const kept = record('after', later())
        const rename = () => store.rename(key, `${key}-new`, bytes('before'), kept)
        const renamed = await firstWins(index, rename, () => store.delete(key), 'of a rename and a delete exactly one is true')
        await isGone(store, key, 'the old key is dead, renamed or deleted')
        if (renamed) await holds(store, `${key}-new`, kept, 'a rename that is true has put the session under its new key')
        else await isGone(store, `${key}-new`, 'a rename that lost to a delete wrote nothing')
      }
    },
  },
  {
    name: 'of a rename and an update from the same bytes at once, exactly one wins',
    needs: ['compare'],
    async run({ store, later }) {
      for (const [index, key] of ROUNDS.entries()) {
        await given(store, { [key]: record('before', later()) })
        const [moved, changed] = [record('moved', later()), record('changed', later())]
        const rename = () => store.rename(key, `${key}-new`, bytes('before'), moved)
        const update = () => store.update(key, bytes('before'), changed)
        const renamed = await firstWins(index, rename, update, 'of a rename and an update exactly one is true')
        await holds(store, renamed ? `${key}-new` : key, renamed ? moved : changed, 'the session is as the winner wrote it')
        await isGone(store, renamed ? key : `${key}-new`, 'the loser wrote nothing')
      }
    },
  },
  {
    name: 'at no moment of a rename do both keys work',
    run: (context) =>
      whileRenaming(context, async (store, key) => {
        if (await store.find(`${key}-new`, { expiry: false })) await isGone(store, key, 'the old key is dead once the new one works')
      }),
  },
  {
    name: 'the trace of a rename is there as soon as the old key is dead',
    needs: ['compare'],
    run: (context) =>
      whileRenaming(context, async (store, key) => {
        if (await store.find(key, { expiry: false })) return
        assert.ok(await store.find(`;${key}`, { expiry: false }), 'broken: the trace is there as soon as the old key is dead')
      }),
  },
]

/** Calls two verbs at once, in turns the one and the other before; says whether the first answered true. Throws when none did, or both. */
async function firstWins(round: number, first: Verb, second: Verb, promise: string): Promise<boolean> {
  const verbs = round % 2 === 0 ? [first, second] : [second, first]
  const won = await Promise.all(verbs.map(async (verb) => verb()))
  return verbs.indexOf(first) === onlyWinner(won, promise)
}

/** Renames one session after the other, and looks all the while. */
async function whileRenaming({ store, later }: CaseContext, look: (store: SessionStore, key: string) => Promise<void>): Promise<void> {
  for (const key of ROUNDS) {
    await given(store, { [key]: record('before', later()) })
    const trace = { key: `;${key}`, record: record('trace', later()) }
    let done = false
    const watch = async () => {
      for (let looks = 0; looks < 1000 && !done; looks++) await look(store, key)
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
