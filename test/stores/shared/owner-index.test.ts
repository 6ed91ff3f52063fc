import t from 'tap'
import { OwnerIndex } from '../../../stores/shared/owner-index.ts'

t.test('an index of owners holds the keys of each, and forgets owners without any', async (t) => {
  const index = new OwnerIndex()
  index.add('ada', 'a')
  index.add('ada', 'b')
  index.add('ada', 'b')
  index.add('bob', 'c')
  index.add(undefined, 'd')
  t.strictSame([index.of('ada'), index.of('bob'), index.of('eve')], [['a', 'b'], ['c'], []])
  index.remove('ada', 'a')
  index.remove('ada', 'none')
  index.remove('eve', 'a')
  index.remove(undefined, 'b')
  t.strictSame(index.of('ada'), ['b'])
  index.remove('ada', 'b')
  t.strictSame(index.of('ada'), [])
})
