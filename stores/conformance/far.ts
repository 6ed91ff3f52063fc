import { setTimeout as sleep } from 'node:timers/promises'
import type { SessionStore } from '../../types/store.ts'
import type { CaseContext, ConformanceCase } from './case.ts'
import { answers, bytes, given, holds, holdsOrNot, isGone, record, takes } from './expect.ts'

const DAY_IN_HOURS = 24
const DAY = 86_400_000
/** Days just above what a timer can take (24.8) and what 32 bits can hold in milliseconds (49.7), and the longest lives of a session. */
const DAYS = [24, 25, 49, 50, 90, 400]
const PROMISE = 'a record lives until 2040, or all stays as it was where that is refused'
const IN_2040 = Date.UTC(2040, 0, 1) + 457

/** What the contract promises about a moment in the far future: it is a moment like any other. */
export const farCases: readonly ConformanceCase[] = [
  {
    name: 'a record lives for 25, 50, 90 or 400 days, whichever verb says so',
    promise: 'expiry',
    async run(context) {
      const { store, later, soon, pass, canLeap } = context
      for (const days of DAYS) await writeEach(context, days)
      await given(store, { brief: record('brief', soon()) })
      // Time enough for a timer that was set beyond its limit, which fires after a millisecond.
      await Promise.all([pass(), sleep(5)])
      await isGone(store, 'brief', 'a brief record does not stay with those that live long')
      for (const days of DAYS) await holdsEach(store, days, later(days * DAY_IN_HOURS))
      if (!canLeap) return
      soon(88 * DAY)
      await pass()
      for (const days of [24, 25, 49, 50]) await goneEach(store, days)
      for (const days of [90, 400]) await holdsEach(store, days, later(days * DAY_IN_HOURS))
      soon(3 * DAY)
      await pass()
      await goneEach(store, 90)
      await holdsEach(store, 400, later(400 * DAY_IN_HOURS))
    },
  },
  {
    name: 'a record lives until 2040, whichever verb says so, or the verb is refused',
    promise: 'expiry',
    async run({ store, later }) {
      const far = Math.max(IN_2040, later(400 * DAY_IN_HOURS))
      const old = record('old', later())
      await given(store, { updated: old, touched: old, renamed: old })
      const created = await takes(() => store.create('created', record('new', far)))
      const updated = await takes(() => store.update('updated', bytes('old'), record('new', far)))
      const touched = await takes(() => store.touch('touched', bytes('old'), far))
      const renamed = await takes(() => store.rename('renamed', 'new', bytes('old'), record('new', far)))
      await sleep(5)
      await holdsOrNot(store, 'created', created ? record('new', far) : undefined, PROMISE)
      await holdsOrNot(store, 'updated', updated ? record('new', far) : old, PROMISE)
      await holdsOrNot(store, 'touched', touched ? record('old', far) : old, PROMISE)
      await holdsOrNot(store, 'renamed', renamed ? undefined : old, PROMISE)
      await holdsOrNot(store, 'new', renamed ? record('new', far) : undefined, PROMISE)
    },
  },
]

/** Writes a record that lives for a number of days, with each verb that can set an expiry. */
async function writeEach({ store, later }: CaseContext, days: number): Promise<void> {
  const moment = later(days * DAY_IN_HOURS)
  const old = record('old', later())
  await given(store, { [`created${days}`]: record('new', moment), [`updated${days}`]: old, [`touched${days}`]: old, [`old${days}`]: old })
  await answers(store.update(`updated${days}`, bytes('old'), record('new', moment)), true, `update to ${days} days is true`)
  await answers(store.touch(`touched${days}`, bytes('old'), moment), true, `touch to ${days} days is true`)
  await answers(store.rename(`old${days}`, `renamed${days}`, bytes('old'), record('new', moment)), true, `rename to ${days} days is true`)
}

async function holdsEach(store: SessionStore, days: number, moment: number): Promise<void> {
  const promise = `a record lives for ${days} days`
  for (const verb of ['created', 'updated', 'renamed']) await holds(store, `${verb}${days}`, record('new', moment), promise)
  await holds(store, `touched${days}`, record('old', moment), promise)
}

async function goneEach(store: SessionStore, days: number): Promise<void> {
  for (const verb of ['created', 'updated', 'renamed', 'touched']) await isGone(store, `${verb}${days}`, `a record lives for ${days} days`)
}
