import { setTimeout as sleep } from 'node:timers/promises'
import type { StoreLack } from '../../types/store.ts'
import type { CaseContext, ConformanceSubject } from './case.ts'

const HOUR = 3_600_000

/** Builds what a case works with. `shortLife` is the life, in milliseconds, of a record that is to expire during the case. */
export function createContext(subject: ConformanceSubject, lacks: readonly StoreLack[], shortLife: number): CaseContext {
  const { store, clock } = subject
  const now = () => Math.floor(clock ? clock.now() : Date.now())
  // One start for the whole case: `later()` gives the same moment each time, however long the case takes.
  const start = now()
  let due = start
  const goTo = async (moment: number) => {
    const milliseconds = moment - now()
    if (milliseconds > 0) await (clock ? clock.advance(milliseconds) : sleep(milliseconds))
  }
  return {
    store,
    lacks,
    later: (hours = 1) => offSecond(start + hours * HOUR),
    soon: (slack = 0) => {
      due = now() + shortLife + slack
      return due
    },
    passed: () => start - 1000,
    almost: () => goTo(due - (clock ? 1 : shortLife / 2)),
    // A real server may run a little behind: give it a part of the short life.
    pass: () => goTo(due + (clock ? 1 : Math.ceil(shortLife / 4))),
  }
}

function offSecond(moment: number): number {
  return moment - (moment % 1000) + 457
}
