import { setTimeout as sleep } from 'node:timers/promises'
import type { SessionStore, StoreLack } from '../../types/store.ts'
import type { CaseContext, ConformanceSubject } from './case.ts'

const HOUR = 3_600_000

/** What a case works with, and how it went. */
export interface CaseAttempt {
  readonly context: CaseContext
  /** Whether a moment that `soon` gave had come before the case had done what comes before it: then a failure says nothing of the store. */
  wasLate(): boolean
  /** Closes the instances of the store, then the subject: all of them, whatever one of them throws. */
  close(): Promise<void>
}

/** Begins a case. `shortLife` is the life, in milliseconds, of a record that is to expire during the case. */
export function createAttempt(subject: ConformanceSubject, lacks: readonly StoreLack[], shortLife: number): CaseAttempt {
  const { another, close } = instancesOf(subject)
  const { time, wasLate } = timeOf(subject, shortLife)
  return { context: { store: subject.store, lacks, another, ...time }, wasLate, close }
}

function instancesOf({ store, second, close }: ConformanceSubject): Pick<CaseContext, 'another'> & Pick<CaseAttempt, 'close'> {
  let opened: Promise<SessionStore> | undefined
  const open = async (openSecond: NonNullable<typeof second>) => {
    const another = await openSecond()
    attach(another)
    return another
  }
  return {
    another: async () => {
      if (second === undefined) return store
      opened ??= open(second)
      return await opened
    },
    close: () => inTurn([async () => (await opened)?.close(), () => store.close(), () => close?.()]),
  }
}

/** Does what a manager does before its first request. */
export function attach(store: SessionStore): void {
  store.attach?.({ log: { warn() {} } })
}

/** Does one work after the other, then throws what the first of those threw that did. */
async function inTurn(works: readonly (() => unknown)[]): Promise<void> {
  const outcomes: PromiseSettledResult<unknown>[] = []
  for (const work of works) outcomes.push(...(await Promise.allSettled([(async () => work())()])))
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}

type Time = Omit<CaseContext, 'store' | 'lacks' | 'another'>

function timeOf({ clock }: ConformanceSubject, shortLife: number): { time: Time } & Pick<CaseAttempt, 'wasLate'> {
  const now = () => Math.floor(clock ? clock.now() : Date.now())
  // One start for the whole case: `later()` gives the same moment each time, however long the case takes.
  const start = now()
  let due = start
  let late = false
  // A part of the short life is for a real server whose clock differs a little from this one.
  const slack = clock ? 0 : Math.ceil(shortLife / 4)
  const isLate = () => !clock && due > start && now() > due - slack
  const goTo = async (moment: number) => {
    const milliseconds = moment - now()
    if (milliseconds > 0) await (clock ? clock.advance(milliseconds) : sleep(milliseconds))
  }
  const time: Time = {
    later: (hours = 1) => offSecond(start + hours * HOUR),
    soon: (more = 0) => {
      due = now() + shortLife + more
      return due
    },
    passed: () => start - 1000,
    tooLate: () => Math.min(start, Date.now()) - 1000,
    almost: () => goTo(due - (clock ? 1 : shortLife / 2)),
    canLeap: clock !== undefined,
    pass: async () => {
      late ||= isLate()
      await goTo(due + (clock ? 1 : slack))
      due = start
    },
  }
  return { time, wasLate: () => late || isLate() }
}

function offSecond(moment: number): number {
  return moment - (moment % 1000) + 457
}
