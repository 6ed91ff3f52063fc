import { inspect } from 'node:util'
import { fc } from '../support/fc.ts'

/** The key that names whose session it is. */
export const OWNER = 'userId'

/** Most edits meet at a few keys; the rest are names that objects, payloads, JSON or a collation may have a meaning for. */
const COMMON = ['a', 'b', 'count'] as const
const ODD = [
  ...['__proto__', '__rememberMe', 'constructor', 'toString', 'hasOwnProperty', '_', '', ' ', '$', '$v', 'deadline', 'values', 'tagged'],
  ...['A', 'a ', ' a', 'é', 'e\u0301', '😀', '\ud800', 'a\0b', '0', '10', '2', 'a.b', '"'],
] as const

export const key: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...COMMON) },
  { weight: 2, arbitrary: fc.constantFrom(...ODD) },
)

/** Most often one, so that they have several sessions; and owners that a collation, a number's text or a short index could take for one another. */
export const owner: fc.Arbitrary<string | number | bigint> = fc.oneof(
  { weight: 1, arbitrary: fc.constant('ann') },
  { weight: 1, arbitrary: fc.constantFrom('ann', 'Ann', 'ann ', 'änn', '', 7, 7n, '7', `${'x'.repeat(300)}1`) },
)

/** Everything that the codec brings back, nested. The objects have odd keys too. */
export const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 3, withCrossShrink: true }, tie('plain'), tie('rich'), tie('nested')),
  plain: fc.oneof(
    fc.constantFrom<unknown>(null, true, false, 0, -0, 1, '', '😀', '\ud800', '</script>', 'a\0b'),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: 'binary', maxLength: 10 }),
  ),
  rich: fc.oneof(
    fc.bigInt(),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array({ maxLength: 8 }),
    fc.constant(JSON.parse('{"__proto__":{"b":1},"$":"date","v":0}')),
  ),
  nested: fc.oneof(
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 3, noNullPrototype: true }),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 2 }).map((pairs) => new Map(pairs)),
    fc.array(tie('value'), { maxLength: 3 }).map((members) => new Set(members)),
  ),
})).value

/** What an owner cannot be. */
export const noOwner: fc.Arbitrary<unknown> = fc.constantFrom<unknown>(null, true, ['ann'], new Date(0))

/** A value as text that tells apart whatever differs: -0 from 0, a Map from an object, one order of keys from another. */
export function text(value: unknown): string {
  return inspect(value, { depth: null, maxArrayLength: null, maxStringLength: null, breakLength: Number.POSITIVE_INFINITY, compact: true })
}
