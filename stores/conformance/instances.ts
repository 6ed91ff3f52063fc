import type { Answer, SessionStore } from '../../types/store.ts'
import type { CaseContext, ConformanceCase } from './case.ts'
import { answers, bytes, given, record } from './expect.ts'
import { goneEverywhere, holdsEverywhere } from './together.ts'

/** What the contract promises when several processes share the data: none remembers what another has changed. */
export const instanceCases: readonly ConformanceCase[] = [
  {
    name: 'what one instance writes, another finds at once, though it has just looked',
    promise: 'shared data',
    async run(context) {
      const { store, another, later } = context
      const other = await another()
      await goneEverywhere(context, 'key', 'nothing is there yet')
      await answers(store.create('key', record('1', later())), true, 'create is true though another instance looked in vain')
      await holdsEverywhere(context, 'key', record('1', later()), 'what one instance creates, another finds')
      await answers(other.update('key', bytes('1'), record('2', later(2))), true, 'an instance updates what another created')
      await holdsEverywhere(context, 'key', record('2', later(2)), 'what one instance updates, another finds as it is now')
      await answers(store.touch('key', bytes('2'), later(3)), true, 'an instance touches what another updated')
      await holdsEverywhere(context, 'key', record('2', later(3)), 'what one instance touches, another finds with its new moment')
      const trace = { key: ';trace', record: record('trace', later()) }
      await goneEverywhere(context, 'new', 'nothing is there yet')
      await goneEverywhere(context, ';trace', 'nothing is there yet')
      await answers(other.rename('key', 'new', bytes('2'), record('3', later()), trace), true, 'an instance renames what another touched')
      await holdsEverywhere(context, 'new', record('3', later()), 'what one instance renames, another finds under the new key')
      await holdsEverywhere(context, ';trace', trace.record, 'the trace that one instance leaves, another finds')
      await goneEverywhere(context, 'key', 'what one instance renames, another does not find under the old key')
      await answers(other.delete('new'), true, 'an instance deletes what is there')
      await goneEverywhere(context, 'new', 'what one instance deletes, another does not find')
      await answers(store.create('new', record('4', later())), true, 'what one instance deletes, another can create again')
      await holdsEverywhere(context, 'new', record('4', later()), 'what one instance creates again, another finds')
    },
  },
  {
    name: 'what one instance ends, another finds no more, though it has just read it',
    promise: 'shared data',
    async run(context) {
      const { later, passed } = context
      const kept = record('data', later())
      await ends(context, kept, 'delete', (store, key) => store.delete(key))
      await ends(context, kept, 'deleteUnchanged', (store, key) => store.delete(key, bytes('data')))
      await ends(context, kept, 'rename', (store, key) => store.rename(key, `${key}-new`, bytes('data'), kept))
      await ends(context, kept, 'update', (store, key) => store.update(key, bytes('data'), record('end', passed())))
    },
  },
  {
    name: 'what one instance ends with deleteOwnedBy, another finds no more, though it has just read it',
    promise: 'shared data',
    needs: ['owner'],
    run: (context) => ends(context, record('data', context.later(), 'ada'), 'deleteOwnedBy', (store) => store.deleteOwnedBy('ada')),
  },
  {
    name: 'what one instance writes is compared with what another wrote, not with what it knew itself',
    promise: 'shared data',
    needs: ['compare'],
    async run(context) {
      const { store, another, later } = context
      const other = await another()
      await given(store, { key: record('old', later()) })
      await holdsEverywhere(context, 'key', record('old', later()), 'each instance has read the record')
      const kept = record('new', later())
      await answers(other.update('key', bytes('old'), kept), true, 'another instance replaces the record')
      await answers(store.update('key', bytes('old'), record('mine', later())), false, 'update compares with what another instance wrote')
      await answers(store.touch('key', bytes('old'), later(2)), false, 'touch compares with what another instance wrote')
      await answers(
        store.rename('key', 'new', bytes('old'), record('mine', later())),
        false,
        'rename compares with what another instance wrote',
      )
      await answers(store.delete('key', bytes('old')), false, 'delete compares with what another instance wrote')
      await answers(store.create('key', record('mine', later())), false, 'create sees what another instance wrote')
      await holdsEverywhere(context, 'key', kept, 'what answers false changes nothing')
      await goneEverywhere(context, 'new', 'what answers false writes nothing')
      await answers(other.delete('key'), true, 'another instance deletes the record')
      await answers(store.update('key', bytes('new'), record('mine', later())), false, 'update sees what another instance deleted')
      await answers(store.touch('key', bytes('new'), later(2)), false, 'touch sees what another instance deleted')
      await answers(store.delete('key'), false, 'delete sees what another instance deleted')
      await goneEverywhere(context, 'key', 'nobody revives what another instance deleted')
    },
  },
  {
    name: 'a record expires for every instance at the moment that was written last, by whichever',
    promise: 'shared data',
    async run(context) {
      const { store, another, soon, later, pass } = context
      const other = await another()
      const expiresAt = soon(500)
      await given(store, { dies: record('1', expiresAt), touched: record('2', expiresAt), updated: record('3', expiresAt) })
      await given(other, { shortened: record('4', later()) })
      for (const one of [store, other])
        for (const key of ['dies', 'touched', 'updated', 'shortened']) await one.find(key, { expiry: false })
      await other.touch('touched', bytes('2'), later())
      await other.update('updated', bytes('3'), record('3', later()))
      await store.update('shortened', bytes('4'), record('4', expiresAt))
      await pass()
      await goneEverywhere(context, 'dies', 'a record expires for every instance')
      await goneEverywhere(context, 'shortened', 'a record whose moment was brought forward expires for every instance')
      await holdsEverywhere(context, 'touched', record('2', later()), 'a record that one instance touched lives on for every one')
      await holdsEverywhere(context, 'updated', record('3', later()), 'a record that one instance prolonged lives on for every one')
    },
  },
]

/** Both instances read a record, the second deletes it, and neither finds it; then the same with the instances exchanged. */
async function ends(
  context: CaseContext,
  kept: ReturnType<typeof record>,
  verb: string,
  end: (store: SessionStore, key: string) => Answer<unknown>,
): Promise<void> {
  const { store, another } = context
  for (const [index, one] of [await another(), store].entries()) {
    const key = `${verb}${index}`
    await given(store, { [key]: kept })
    await holdsEverywhere(context, key, kept, 'each instance reads the record')
    await end(one, key)
    await goneEverywhere(context, key, `what one instance ends by ${verb}, another does not find`)
  }
}
