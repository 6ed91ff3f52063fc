import t from 'tap'
import { lmdbStore } from '../support/lmdb.ts'
import { sampleOn } from './sample.ts'

t.setTimeout(180_000)

t.test('the laws hold on LMDB', async (t) => {
  t.setTimeout(180_000)
  await sampleOn(t, lmdbStore(t))
})
