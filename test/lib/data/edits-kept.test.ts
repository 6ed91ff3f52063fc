import t from 'tap'
import type { Edits } from '../../../lib/data/edits.ts'
import { COMPUTED, type Values } from '../../../lib/data/record.ts'
import { admit, edits, increment } from './made-edits.ts'

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

const twice = (e: Edits, key: string) => [1, 2].forEach(() => void e.update(key, increment))

const kinds: readonly ((e: Edits) => void)[] = [
  (e) => e.put('a', 1),
  (e) => e.put('b', undefined),
  (e) => e.put('c', 3, e.touches('c')),
  (e) => e.update('a', increment),
  (e) => twice(e, 'b'),
  (e) => e.clear(),
  (e) => e.retain(new Set(['a'])),
  (e) => e.retain(new Set(['b', 'c'])),
]

t.test('earlier edits put beneath later ones are as if all had been made in one go', async (t) => {
  const stored = Object.freeze({ a: 10, b: 20, c: 30, __reserved: 0 })
  const sequences = kinds.flatMap((one) => kinds.flatMap((two) => kinds.flatMap((three) => kinds.map((four) => [one, two, three, four]))))
  for (const steps of sequences) {
    const whole = edits(...steps)
    for (const cut of [0, 1, 2, 3, 4]) {
      const later = edits(...steps.slice(cut))
      later.prepend(edits(...steps.slice(0, cut)))
      const same = JSON.stringify(later.apply(stored, admit)) === JSON.stringify(whole.apply(stored, admit))
      const flags =
        later.retains === whole.retains && later.isIdle === whole.isIdle && (later.mark === undefined) === (whole.mark === undefined)
      if (!same || !flags) t.fail(`${steps.map(String)} cut at ${cut}`)
    }
  }
  t.equal(sequences.length, kinds.length ** 4)
})

/** What is stored once these edits are, with their mark. */
function saved(made: Edits, stored: Values): Values {
  const { mark } = made
  return { ...made.apply(stored, admit), ...(mark === undefined ? {} : { [COMPUTED]: mark }) }
}

const sorted = (values: object) => Object.entries(values).sort()

t.test('edits that were saved though nobody knew are not computed again, and those that were not are', async (t) => {
  const stored = Object.freeze({ a: 10, b: 20, c: 30 })
  const sequences = kinds.flatMap((one) => kinds.flatMap((two) => kinds.flatMap((three) => kinds.map((four) => [one, two, three, four]))))
  for (const steps of sequences) {
    const wanted = JSON.stringify(edits(...steps).apply(stored, admit))
    for (const [first, second] of [
      [1, 2],
      [1, 3],
      [2, 4],
      [0, 2],
    ] as const) {
      // Two saves whose outcome nobody knows, and one more.
      const [one, two, all] = [edits(...steps.slice(0, first)), edits(...steps.slice(first, second)), edits(...steps.slice(second))]
      const afterOne = saved(one, stored)
      two.prepend(one)
      const afterTwo = saved(two, stored)
      all.prepend(two)
      for (const each of [stored, afterOne, afterTwo]) {
        const { [COMPUTED]: _, ...values } = all.apply(each, admit)
        if (JSON.stringify(sorted(values)) !== JSON.stringify(sorted(JSON.parse(wanted))))
          t.fail(`${steps.map(String)} after ${JSON.stringify(each)}`)
      }
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
