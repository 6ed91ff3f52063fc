import t from 'tap'
import { SEED } from '../support/seed.ts'
import { fuzz, type StartTarget } from './fuzz.ts'

const INPUTS = 50_000

/** A test that tries a target with inputs of a new seed each time; `SCS_SEED` gives that of a run that failed. */
export function fuzzTest(name: string, start: StartTarget): void {
  t.setTimeout(170_000)
  t.test(name, async (t) => {
    t.comment(`SCS_SEED=${SEED}`)
    const target = await start()
    t.teardown(() => target.close())
    t.equal((await fuzz(target, { inputs: INPUTS, seed: SEED })).inputs, INPUTS)
  })
}
