import { setTimeout as sleep } from 'node:timers/promises'
import { type ConformanceSubject, type StoreConformanceOptions, storeConformance } from '../../../stores/conformance/index.ts'
import type { brokenStores } from '../../support/broken/index.ts'
import { manualClock, type Records } from '../../support/reference-store.ts'

export type Options = Partial<Omit<StoreConformanceOptions, 'test'>>
export type Tests = Map<string, () => Promise<void>>

/** The tests that the suite registers, not yet run, by the name of the case. */
export function registered(createStore: () => ConformanceSubject, options: Options = {}): Tests {
  const tests: Tests = new Map()
  storeConformance({ createStore, ...options, test: (title, run) => tests.set(title.replace(/ \[[\w -]+\]$/, ''), run) })
  return tests
}

/** The names of the cases that refuse a store, each with what was said. */
export async function refusals(tests: Tests): Promise<Map<string, Error>> {
  const failed = new Map<string, Error>()
  for (const [name, run] of tests) await run().catch((error: Error) => failed.set(name, error))
  return failed
}

export function withClock(Store: (typeof brokenStores)[number][2]): () => ConformanceSubject {
  return () => {
    const clock = manualClock()
    const records: Records = new Map()
    return { store: new Store(clock, records), clock, second: () => new Store(clock, records) }
  }
}

export const until = (moment = 0) => sleep(Math.max(0, moment - Date.now()) + 1)
