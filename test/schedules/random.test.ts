import t from 'tap'
import { runRandom } from './random.ts'
import { makeWorld } from './world.ts'

t.setTimeout(180_000)

// One that failed comes back with SCS_SEED=<its number> SCS_SCHEDULES=1; a night's worth is SCS_SCHEDULES=10000000.
const SEED = Number(process.env['SCS_SEED'] ?? Date.now() % 1_000_000_000)
const SCHEDULES = Number(process.env['SCS_SCHEDULES'] ?? 100_000)

t.test('the laws hold for up to eight requests in random schedules', async (t) => {
  t.setTimeout(0)
  const world = await makeWorld()
  let points = 0
  const broken: string[] = []
  for (let seed = SEED; seed < SEED + SCHEDULES && broken.length < 5; seed++) {
    const run = await runRandom(world, seed, { most: 8, jumps: true })
    points += run.taken.length
    if (run.broken.length > 0) broken.push(`SCS_SEED=${seed} [${run.kinds}] ${run.trail}: ${run.broken.join('; ')}`)
  }
  t.comment(`${SCHEDULES} schedules from seed ${SEED}, ${points} points`)
  t.strictSame(broken, [])
})
