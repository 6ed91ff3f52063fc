import { setTimeout as sleep } from 'node:timers/promises'
import type { StoreLack } from '../../types/store.ts'
import type { CaseContext, ConformanceSubject } from './case.ts'

const HOUR = 3_600_000

/** What a case works with, and how it went. */
export interface CaseAttempt {
  readonly context: CaseContext
  /** Whether a moment that `soon` gave had come before the case had done what comes before it: then a failure says nothing of the store. */
  wasLate(): boolean
}

/** Begins a case. `shortLife` is the life, in milliseconds, of a record that is to expire during the case. */
export function createAttempt(subject: ConformanceSubject, lacks: readonly StoreLack[], shortLife: number): CaseAttempt {
  const { store, clock } = subject
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
  const context: CaseContext = {
    store,
    lacks,
    later: (hours = 1) => offSecond(start + hours * HOUR),
    soon: (more = 0) => {
      due = now() + shortLife + more
      return due
    },
    passed: () => start - 1000,
    almost: () => goTo(due - (clock ? 1 : shortLife / 2)),
    pass: async () => {
      late ||= isLate()
      await goTo(due + (clock ? 1 : slack))
      due = start
    },
  }
  return { context, wasLate: () => late || isLate() }
}

function offSecond(moment: number): number {
  return moment - (moment % 1000) + 457
}
