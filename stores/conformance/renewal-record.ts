import assert from 'node:assert/strict'
import type { StoreEntry } from '../../types/store.ts'
import type { CaseContext, ConformanceCase } from './case.ts'
import { answers, bytes, collect, given, holds, isGone, lists, record } from './expect.ts'

/** What the contract promises about traces: the renewal records, whose keys begin with a semicolon. */
export const renewalRecordCases: readonly ConformanceCase[] = [
  {
    name: 'rename leaves the trace behind, to be found with its own bytes and its own expiry',
    promise: 'renewal',
    async run(context) {
      const trace = { key: ';trace', record: record('trace', context.later(3)) }
      await renameWith(context, trace)
      await holds(context.store, ';trace', trace.record, 'the trace is found after the rename')
    },
  },
  {
    name: 'a trace expires at its own moment, and the session lives on',
    promise: 'renewal',
    async run(context) {
      const { store, later, soon, pass } = context
      const kept = record('after', later())
      await renameWith(context, { key: ';trace', record: record('trace', soon()) }, kept)
      await pass()
      await isGone(store, ';trace', 'the trace expires at its own moment')
      await holds(store, 'new', kept, 'the session outlives its trace')
    },
  },
  {
    name: 'a trace outlives its session, when its moment is later',
    promise: 'renewal',
    async run(context) {
      const { store, later } = context
      const trace = { key: ';trace', record: record('trace', later()) }
      await renameWith(context, trace)
      await answers(store.delete('new'), true, 'the renamed session can be deleted')
      await holds(store, ';trace', trace.record, 'the trace does not go with the session')
    },
  },
  {
    name: 'rename replaces an expired record under the key of the trace',
    promise: 'renewal',
    async run(context) {
      const { store, later, soon, pass } = context
      await given(store, { ';trace': record('expired', soon()) })
      await pass()
      const trace = { key: ';trace', record: record('trace', later()) }
      await renameWith(context, trace)
      await holds(store, ';trace', trace.record, 'an expired record does not stand in the way of the trace')
    },
  },
  {
    name: 'a trace is created, updated, touched, renamed and deleted like any other record',
    promise: 'renewal',
    async run({ store, later }) {
      await given(store, { ';trace': record('1', later()) })
      await answers(store.update(';trace', bytes('1'), record('2', later())), true, 'a trace can be updated')
      const until = later(2)
      await answers(store.touch(';trace', bytes('2'), until), true, 'a trace can be touched')
      await holds(store, ';trace', record('2', until), 'a trace is found as it was written')
      await answers(store.rename(';trace', ';other', bytes('2'), record('3', until)), true, 'a trace can be renamed')
      await answers(store.delete(';other', bytes('3')), true, 'a trace can be deleted')
      await isGone(store, ';trace', 'a trace that was renamed is gone from its old key')
      await isGone(store, ';other', 'a trace that was deleted is gone')
    },
  },
  {
    name: 'all leaves traces out, however they were written',
    promise: 'listing',
    needs: ['list'],
    async run(context) {
      await writeTraces(context)
      await lists(context.store, ['new'], 'all shows no trace')
    },
  },
  {
    name: 'count leaves traces out, however they were written',
    promise: 'listing',
    needs: ['list'],
    async run(context) {
      await writeTraces(context)
      await answers(context.store.count(), 1, 'count counts no trace')
    },
  },
  {
    name: 'ownedBy leaves traces out, even one that has the owner',
    promise: 'owners',
    needs: ['owner'],
    async run(context) {
      await writeTraces(context)
      const shown = (await collect(context.store.ownedBy('ada'))).map((entry) => entry.key)
      assert.deepEqual(shown, ['new'], 'broken: ownedBy shows no trace')
    },
  },
]

async function renameWith({ store, later }: CaseContext, trace: StoreEntry, kept = record('after', later())): Promise<void> {
  await given(store, { old: record('before', later()) })
  await answers(store.rename('old', 'new', bytes('before'), kept, trace), true, 'rename with a trace is true')
}

async function writeTraces(context: CaseContext): Promise<void> {
  const { store, later } = context
  await renameWith(context, { key: ';left', record: record('1', later()) }, record('after', later(), 'ada'))
  await given(store, { ';created': record('2', later(), 'ada') })
}
