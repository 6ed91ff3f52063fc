import t from 'tap'
import { fuzz, type StartTarget } from './fuzz.ts'

const INPUTS = 50_000

/** A test that tries a target with inputs of a new seed each time; `SCS_SEED` gives that of a run that failed. */
export function fuzzTest(name: string, start: StartTarget): void {
  t.setTimeout(170_000)
  t.test(name, async (t) => {
    const seed = Number(process.env['SCS_SEED'] ?? Date.now() % 2 ** 31)
    t.comment(`SCS_SEED=${seed}`)
    const target = await start()
    t.teardown(() => target.close())
    t.equal((await fuzz(target, { inputs: INPUTS, seed })).inputs, INPUTS)
  })
}
