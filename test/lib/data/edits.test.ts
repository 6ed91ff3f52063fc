import t from 'tap'
import { Edits } from '../../../lib/data/edits.ts'

type Values = Readonly<Record<string, unknown>>
const admit = (_key: string, value: unknown): unknown => value
const increment = (value: unknown): unknown => Number(value ?? 0) + 1

function edits(...changes: ((edits: Edits) => void)[]): Edits {
  const made = new Edits()
  for (const change of changes) change(made)
  return made
}

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

t.test('a function that throws on what another request stored is FST_ERR_SCS_EDIT, with the cause and the key', async (t) => {
  const cause = new Error('not a list')
  const made = edits((e) =>
    e.update('ca"rt', () => {
      throw cause
    }),
  )
  const wanted = {
    code: 'FST_ERR_SCS_EDIT',
    statusCode: 500,
    message: /^The function given to session\.update\(\) for "ca\\"rt" failed[^g]/,
    cause,
  }
  for (const stored of [{}, { 'ca"rt': 'geheim' }]) t.throws(() => made.apply(stored, admit), wanted)
})

t.test('what a function makes is admitted, or refused with FST_ERR_SCS_EDIT and the cause', async (t) => {
  const refusal = new TypeError('too odd')
  const even = (_key: string, value: unknown) => {
    if (Number(value) % 2 === 0) return `admitted ${value}`
    throw refusal
  }
  t.strictSame(edits((e) => e.update('a', () => 4)).apply({}, even), { a: 'admitted 4' })
  t.throws(() => edits((e) => e.update('a', () => 3)).apply({}, even), { code: 'FST_ERR_SCS_EDIT', cause: refusal })
  t.strictSame(edits((e) => e.update('a', () => 4)).apply({ a: 3 }, even), { a: 'admitted 4' }, 'what is stored needs no leave')
  t.strictSame(edits((e) => e.update('a', () => undefined)).apply({ a: 2 }, even), {}, 'a removal needs no leave')
})

t.test('retain forgets what was done to all other keys', async (t) => {
  const made = edits(
    (e) => e.put('a', 1),
    (e) => e.put('b', 2),
    (e) => e.update('c', increment),
    (e) => e.retain(new Set(['b', 'unknown'])),
  )
  t.strictSame(made.apply({ a: 0, c: 0, __computed: 0, __rememberMe: true }, admit), { b: 2, __rememberMe: true })
  t.ok(made.retains)
  t.notOk(made.isIdle)
  t.strictSame(
    edits(
      (e) => e.clear(),
      (e) => e.retain(new Set(['a'])),
    ).apply({ a: 1 }, admit),
    {},
    'a clear stays',
  )
})

t.test('earlier edits put beneath later ones are as if all had been made in one go', async (t) => {
  const kinds: readonly ((e: Edits) => void)[] = [
    (e) => e.put('a', 1),
    (e) => e.put('b', undefined),
    (e) => e.put('c', 3, e.touches('c')),
    (e) => e.update('a', increment),
    (e) => e.update('b', increment, increment),
    (e) => e.clear(),
    (e) => e.retain(new Set(['a'])),
    (e) => e.retain(new Set(['b', 'c'])),
  ]
  const stored = Object.freeze({ a: 10, b: 20, c: 30, __reserved: 0 })
  const sequences = kinds.flatMap((one) => kinds.flatMap((two) => kinds.flatMap((three) => kinds.map((four) => [one, two, three, four]))))
  for (const steps of sequences) {
    const whole = edits(...steps)
    for (const cut of [0, 1, 2, 3, 4]) {
      const later = edits(...steps.slice(cut))
      later.prepend(edits(...steps.slice(0, cut)))
      const same = JSON.stringify(later.apply(stored, admit)) === JSON.stringify(whole.apply(stored, admit))
      const flags = later.retains === whole.retains && later.isIdle === whole.isIdle && later.computes === whole.computes
      if (!same || !flags) t.fail(`${steps.map(String)} cut at ${cut}`)
    }
  }
  t.equal(sequences.length, kinds.length ** 4)
})

t.test('it is known which keys may have changed', async (t) => {
  const made = edits(
    (e) => e.put('a', 1),
    (e) => e.update('b', increment),
    (e) => e.put('c', undefined),
  )
  for (const key of ['a', 'b', 'c']) t.ok(made.touches(key), key)
  t.notOk(made.touches('d'))
  t.ok(edits((e) => e.clear()).touches('anything'))
})
