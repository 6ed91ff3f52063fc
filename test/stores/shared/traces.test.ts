import t from 'tap'
import { isTrace } from '../../../stores/shared/traces.ts'

t.test('a trace is known by the first character of its key', async (t) => {
  t.strictSame([';a', ';', 'a;', '', 'a'].map(isTrace), [true, true, false, false, false])
})
