import t from 'tap'
import { placeFor } from '../support/lmdb.ts'
import { SEED } from '../support/seed.ts'
import { apart } from './apart.ts'
import { schedules } from './settings.ts'

t.setTimeout(0)

t.test('the laws hold on LMDB', async (t) => {
  t.setTimeout(0)
  const report = await apart('LMDB', placeFor(t), SEED, schedules(1000))
  t.comment(report.text)
  t.strictSame(report.broken, [])
})
