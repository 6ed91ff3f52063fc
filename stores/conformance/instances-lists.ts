import assert from 'node:assert/strict'
import type { ConformanceCase } from './case.ts'
import { cleans } from './cleaning.ts'
import { answers, bytes, given, isGone, lists, owns, record } from './expect.ts'
import { goneEverywhere, holdsEverywhere } from './together.ts'

/** What the contract promises about listings, clean-ups and closing when several processes share the data. */
export const instanceListCases: readonly ConformanceCase[] = [
  {
    name: 'each instance lists and counts what another wrote, and nothing that another ended',
    promise: 'shared data',
    needs: ['list'],
    async run({ store, another, later }) {
      const other = await another()
      const expected = async (keys: readonly string[]) => {
        for (const one of [store, other]) {
          await lists(one, keys, 'all shows the records of every instance')
          await answers(one.count(), keys.length, 'count counts the records of every instance')
        }
      }
      await expected([])
      await given(store, { first: record('1', later()) })
      await expected(['first'])
      await given(other, { second: record('2', later()) })
      await expected(['first', 'second'])
      await other.rename('first', 'renamed', bytes('1'), record('1', later()))
      await expected(['renamed', 'second'])
      await store.delete('second')
      await expected(['renamed'])
    },
  },
  {
    name: 'each instance knows the owners of records that another wrote',
    promise: 'shared data',
    needs: ['owner'],
    async run({ store, another, later }) {
      const other = await another()
      const expected = async (adas: readonly string[], bobs: readonly string[]) => {
        for (const one of [store, other]) {
          await owns(one, 'ada', adas, 'ownedBy shows the owner’s records of every instance')
          await owns(one, 'bob', bobs, 'ownedBy shows the owner’s records of every instance')
        }
      }
      await expected([], [])
      await given(store, { first: record('1', later(), 'ada'), second: record('2', later(), 'ada') })
      await expected(['first', 'second'], [])
      await other.update('first', bytes('1'), record('1', later(), 'bob'))
      await expected(['second'], ['first'])
      assert.equal((await store.find('first', { expiry: false }))?.owner, 'bob', 'broken: each instance finds the new owner')
      await other.rename('second', 'third', bytes('2'), record('2', later(), 'ada'))
      await expected(['third'], ['first'])
      await answers(store.deleteOwnedBy('ada'), 1, 'deleteOwnedBy reaches what another instance renamed')
      await expected([], ['first'])
      await answers(store.deleteOwnedBy('bob'), 1, 'deleteOwnedBy reaches what another instance handed over')
      await expected([], [])
    },
  },
  {
    name: 'one instance cleans up what another wrote, and nothing that another prolonged',
    promise: 'shared data',
    async run(context) {
      const { store, another, soon, later, pass } = context
      const other = await another()
      const expiresAt = soon(500)
      await given(store, { dead: record('dead', expiresAt), touched: record('alive', expiresAt), created: record('dead', expiresAt) })
      await store.touch('touched', bytes('alive'), later())
      await pass()
      await answers(store.create('created', record('alive', later())), true, 'create over an expired record is true')
      await cleans(other, 10, 1, 'deleteExpired removes what another instance wrote')
      for (const key of ['touched', 'created'])
        await holdsEverywhere(context, key, record('alive', later()), 'deleteExpired removes no living record')
      await goneEverywhere(context, 'dead', 'an expired record stays gone when it is cleaned up')
    },
  },
  {
    name: 'closing one instance leaves another at work',
    promise: 'shared data',
    async run({ store, another, later }) {
      const other = await another()
      if (other === store) return
      await given(other, { key: record('1', later(), 'ada') })
      await other.close()
      await answers(store.update('key', bytes('1'), record('2', later())), true, 'an instance works on when another was closed')
      await answers(store.delete('key'), true, 'an instance works on when another was closed')
      await isGone(store, 'key', 'an instance works on when another was closed')
    },
  },
]
