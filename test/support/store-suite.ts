import type { Test } from 'tap'
import { type StoreConformanceOptions, storeConformance } from '../../stores/conformance/index.ts'

type Options = Omit<StoreConformanceOptions, 'test'>

/** The conformance suite on a real server: the cases run at the same time, for most of their time is spent waiting for something to expire. */
export function conforms(t: Test, name: string, options: Options, jobs = 32): Promise<unknown> {
  return t.test(name, { jobs, buffered: false }, async (t) => {
    storeConformance({
      shortLife: 1000,
      ...options,
      test: (name, run) => t.test(name, { buffered: true }, (t) => t.resolves(run())),
    })
  })
}
