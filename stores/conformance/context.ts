import { setTimeout as sleep } from 'node:timers/promises'
import type { SessionStore, StoreLack } from '../../types/store.ts'
import type { CaseContext, ConformanceSubject } from './case.ts'

const HOUR = 3_600_000

/** One run of a case. */
export interface CaseAttempt {
  readonly context: CaseContext
  /** Whether a moment of `soon` came before the case had done its work. Then a failure says nothing about the store. */
  wasLate(): boolean
  /** Closes the instances of the store, then the subject; the others too when one throws. */
  close(): Promise<void>
}

/** Begins a case. `shortLife`: the life in milliseconds of a record that expires during the case. */
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

/** Attaches a store, as a manager does before its first request. */
export function attach(store: SessionStore): void {
  store.attach?.({ log: { warn() {} } })
}

/** Calls the functions one after the other, then throws the first error. */
async function inTurn(works: readonly (() => unknown)[]): Promise<void> {
  const outcomes: PromiseSettledResult<unknown>[] = []
  for (const work of works) outcomes.push(...(await Promise.allSettled([(async () => work())()])))
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}

type Time = Omit<CaseContext, 'store' | 'lacks' | 'another'>

function timeOf({ clock }: ConformanceSubject, shortLife: number): { time: Time } & Pick<CaseAttempt, 'wasLate'> {
  const now = () => Math.floor(clock ? clock.now() : Date.now())
  // One start for the whole case: `later()` always returns the same moment, however long the case takes.
  const start = now()
  let due = start
  let late = false
  // A real server's clock may differ a little from this one.
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
