import t from 'tap'
import { LIMIT } from '../support/limit.ts'
import { SEED } from '../support/seed.ts'
import { startArgumentTarget } from './arguments.ts'
import { startCodecTarget } from './codec.ts'
import { startCookieTarget } from './cookies.ts'
import { fuzz, type StartTarget } from './fuzz.ts'
import { startGobTarget } from './gob.ts'
import { startOptionTarget } from './options.ts'
import { startPayloadTarget } from './payloads.ts'
import { startFamilies } from './targets.ts'

const INPUTS = 20_000

t.setTimeout(LIMIT)

/** A test that tries a target with inputs of a new seed each time; `SCS_SEED` repeats a run that failed. */
function fuzzTest(name: string, start: StartTarget): void {
  t.test(name, async (t) => {
    t.comment(`SCS_SEED=${SEED}`)
    const target = await start()
    t.teardown(() => target.close())
    t.equal((await fuzz(target, { inputs: INPUTS, seed: SEED })).inputs, INPUTS)
  })
}

fuzzTest('a session and a manager refuse any wrong argument by name, and save what they took', startArgumentTarget)

fuzzTest('any value comes back or is refused by its path, and any bytes are a session or FST_ERR_SCS_PAYLOAD', startCodecTarget)

fuzzTest('any Cookie header gives the session that the rule says, three look-ups at most, and no error', startCookieTarget)

fuzzTest('any bytes are a session of Go, which is written as it was read, or FST_ERR_SCS_PAYLOAD', startGobTarget)

fuzzTest('options of any kind are taken or refused by their name, and stay as they are', startOptionTarget)

fuzzTest('whatever lies under a token, a request is answered, and only what cannot be read is removed', startPayloadTarget)

t.test('the largest input of every hostile family is dealt with before the test ends', async (t) => {
  const { families, close } = await startFamilies()
  t.teardown(close)
  for (const { name, most, make } of families) t.doesNotThrow(make(most), name)
})
