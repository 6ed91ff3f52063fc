import t from 'tap'
import { startFamilies } from './families.ts'

t.setTimeout(0)

t.test('the largest input of every hostile family is dealt with before the test ends', async (t) => {
  const { families, close } = await startFamilies()
  t.teardown(close)
  for (const { name, most, make } of families) t.doesNotThrow(make(most), name)
})
