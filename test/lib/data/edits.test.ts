import t from 'tap'
import type { Edits } from '../../../lib/data/edits.ts'
import { admit, edits, increment } from './made-edits.ts'

type Values = Readonly<Record<string, unknown>>

t.test('edits are applied to what is stored, and what is stored stays as it is', async (t) => {
  const table: readonly (readonly [string, Edits, Values, Values])[] = [
    ['nothing', edits(), { a: 1 }, { a: 1 }],
    ['a put', edits((e) => e.put('a', 2)), { a: 1, b: 1 }, { a: 2, b: 1 }],
    ['a put of a new key', edits((e) => e.put('c', 2)), { a: 1 }, { a: 1, c: 2 }],
    [
      'of two puts the last',
      edits(
        (e) => e.put('a', 2),
        (e) => e.put('a', 3),
      ),
      { a: 1 },
      { a: 3 },
    ],
    ['a removal', edits((e) => e.put('a', undefined)), { a: 1, b: 1 }, { b: 1 }],
    ['a removal of nothing', edits((e) => e.put('c', undefined)), { a: 1 }, { a: 1 }],
    [
      'put after removal',
      edits(
        (e) => e.put('a', undefined),
        (e) => e.put('a', null),
      ),
      { a: 1 },
      { a: null },
    ],
    ['an update', edits((e) => e.update('a', increment)), { a: 1 }, { a: 2 }],
    ['an update of what another request changed', edits((e) => e.update('a', increment)), { a: 41 }, { a: 42 }],
    ['an update of nothing', edits((e) => e.update('a', increment)), {}, { a: 1 }],
    [
      'two updates',
      edits(
        (e) => e.update('a', increment),
        (e) => e.update('a', increment),
      ),
      { a: 5 },
      { a: 7 },
    ],
    [
      'an update after a put',
      edits(
        (e) => e.put('a', 10),
        (e) => e.update('a', increment),
      ),
      { a: 1 },
      { a: 11 },
    ],
    [
      'a put after an update',
      edits(
        (e) => e.update('a', increment),
        (e) => e.put('a', 10),
      ),
      { a: 1 },
      { a: 10 },
    ],
    [
      'an update after a removal',
      edits(
        (e) => e.put('a', undefined),
        (e) => e.update('a', increment),
      ),
      { a: 41 },
      { a: 1 },
    ],
    ['an update that removes', edits((e) => e.update('a', () => undefined)), { a: 1, b: 1 }, { b: 1 }],
    [
      'an update after one that removes',
      edits(
        (e) => e.update('a', () => undefined),
        (e) => e.update('a', increment),
      ),
      { a: 41 },
      { a: 1 },
    ],
    ['a clear', edits((e) => e.clear()), { a: 1, b: 1 }, {}],
    [
      'a clear of what was put',
      edits(
        (e) => e.put('c', 1),
        (e) => e.clear(),
      ),
      { a: 1 },
      {},
    ],
    [
      'a put after a clear',
      edits(
        (e) => e.clear(),
        (e) => e.put('a', 2),
      ),
      { a: 1, b: 1 },
      { a: 2 },
    ],
    [
      'an update after a clear',
      edits(
        (e) => e.clear(),
        (e) => e.update('a', increment),
      ),
      { a: 41 },
      { a: 1 },
    ],
  ]
  for (const [name, made, stored, wanted] of table) {
    const given = Object.freeze({ ...stored })
    t.strictSame(made.apply(given, admit), wanted, name)
    t.strictSame(made.apply(given, admit), wanted, `${name}, again`)
    t.equal(made.isIdle, name === 'nothing')
  }
})

t.test('of two requests, different keys both win and on one key the later save does', async (t) => {
  const mine = edits(
    (e) => e.put('mine', 1),
    (e) => e.put('both', 'mine'),
    (e) => e.update('count', increment),
  )
  const other = edits(
    (e) => e.put('other', 1),
    (e) => e.put('both', 'other'),
    (e) => e.update('count', increment),
  )
  const stored = { count: 0, kept: true }
  t.strictSame(mine.apply(other.apply(stored, admit), admit), { count: 2, kept: true, both: 'mine', mine: 1, other: 1 })
  t.strictSame(other.apply(mine.apply(stored, admit), admit), { count: 2, kept: true, both: 'other', mine: 1, other: 1 })
})

t.test('the names of what every object inherits are keys like any other', async (t) => {
  for (const key of ['constructor', 'toString', 'hasOwnProperty', 'valueOf']) {
    const seen: unknown[] = []
    const made = edits((e) => e.update(key, (value) => void seen.push(value)))
    t.strictSame(made.apply({}, admit), {})
    t.strictSame(seen, [undefined], 'nothing is inherited')
    t.strictSame(edits((e) => e.put(key, 1)).apply({}, admit), { [key]: 1 })
    t.strictSame(edits((e) => e.put(key, undefined)).apply({ [key]: 1 }, admit), {})
  }
})
