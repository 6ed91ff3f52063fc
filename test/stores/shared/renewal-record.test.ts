import t from 'tap'
import { isRenewalRecord } from '../../../stores/shared/renewal-record.ts'

t.test('a trace is known by the first character of its key', async (t) => {
  t.strictSame([';a', ';', 'a;', '', 'a'].map(isRenewalRecord), [true, true, false, false, false])
})
