import t from 'tap'
import { LmdbStore } from '../../stores/lmdb.ts'
import { fakeClock } from '../support/clock.ts'
import { disagreements, environmentAt, placeFor } from '../support/lmdb.ts'
import { checkModel, TIME_LIMIT } from './runner.ts'

t.setTimeout(TIME_LIMIT)

t.test('on LMDB, whatever three clients and the application do comes out as the model foresees', async (t) => {
  const clock = fakeClock()
  const environment = environmentAt(t, placeFor(t))
  const store = new LmdbStore(environment, { clock })
  await checkModel(t, { store, clock, pass: clock.advance, grain: 1 }, 100)
  t.strictSame(disagreements(environment), [], 'and its indexes hold what its records say')
})
