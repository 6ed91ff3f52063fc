import assert from 'node:assert'
import t from 'tap'
import { JsonCodec } from '../../../lib/data/codec.ts'
import { sameValue, seal } from '../../../lib/data/values.ts'
import { value as anyValue } from '../../model/values.ts'
import { fc } from '../../support/fc.ts'

const codec = new JsonCodec()

/** What a payload says of a value, with the keys of each object in order. */
function canonical(value: unknown): string {
  const { tagged = false, values } = JSON.parse(Buffer.from(codec.encode(1, { value })).toString())
  return JSON.stringify([tagged, sorted(values.value, tagged)])
}

function sorted(value: unknown, tagged: boolean): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((part) => sorted(part, tagged))
  const { $: kind, v } = value as { $?: unknown; v?: unknown }
  if (tagged && kind !== undefined && kind !== 'object') return { kind, v: sorted(v, tagged) }
  // An object that has a key `$` is written as its entries.
  const entries = tagged && kind === 'object' ? (v as [string, unknown][]) : Object.entries(value)
  return { entries: entries.map(([key, part]) => [key, sorted(part, tagged)]).sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)) }
}

/** The same value in other objects, whose keys are in the opposite order and that have undefined for what is absent. */
function rewritten(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(rewritten)
  if (value instanceof Date) return new Date(value)
  if (value instanceof Uint8Array) return new Uint8Array(value)
  if (value instanceof Map) return new Map([...value].map((pair) => pair.map(rewritten) as [unknown, unknown]))
  if (value instanceof Set) return new Set([...value].map(rewritten))
  const entries = Object.entries(value).map(([key, part]) => [key, rewritten(part)] as const)
  return Object.fromEntries([['absent', undefined] as const, ...entries.reverse()])
}

t.test('a value is the same as what was written in another way', async () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      assert.ok(sameValue(value, rewritten(value)))
      assert.ok(sameValue(rewritten(value), value))
      assert.ok(sameValue(seal(rewritten(value), 'key', 10_000).value, codec.decode(codec.encode(1, { value })).values['value']))
    }),
    { numRuns: 500 },
  )
})

/** Few values, that differ little: so that any two are often the same. */
const { few } = fc.letrec((tie) => ({
  few: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<unknown>(0, -0, 1, 1n, '1', null, true),
    fc
      .constantFrom<() => unknown>(
        () => new Date(1),
        () => new Date(2),
        () => Uint8Array.of(1),
        () => Uint8Array.of(2),
      )
      .map((make) => make()),
    fc.array(tie('few'), { maxLength: 2 }),
    fc
      .array(fc.tuple(fc.constantFrom('a', '$', '__proto__'), fc.oneof(tie('few'), fc.constant(undefined))), { maxLength: 2 })
      .map((entries) => Object.fromEntries(entries)),
    fc.array(fc.tuple(tie('few'), tie('few')), { maxLength: 1 }).map((pairs) => new Map(pairs)),
    fc.array(tie('few'), { maxLength: 2 }).map((members) => new Set(members)),
  ),
}))

t.test('two values are the same exactly when their payloads are, but for the order of keys', async (t) => {
  const seen = { same: 0, different: 0 }
  const twice = few.map((value): [unknown, unknown] => [value, rewritten(value)])
  fc.assert(
    fc.property(fc.oneof(fc.tuple(few, few), twice, fc.tuple(anyValue, anyValue)), ([a, b]) => {
      const same = sameValue(a, b)
      assert.equal(same, canonical(a) === canonical(b))
      assert.equal(sameValue(b, a), same)
      seen[same ? 'same' : 'different']++
    }),
    { numRuns: 3000 },
  )
  t.ok(seen.same > 100 && seen.different > 100, 'both were tried')
})

t.test('what would be written in another way is not the same', async (t) => {
  const date = new Date(1)
  const bytes = Uint8Array.of(1)
  const table: readonly (readonly [unknown, unknown])[] = [
    [0, -0],
    [1, 1n],
    [1, '1'],
    [1, true],
    [null, undefined],
    [null, {}],
    [{}, null],
    [[], {}],
    [{}, []],
    [[1], { 0: 1 }],
    [[1, 2], [1]],
    [
      [1, 2],
      [2, 1],
    ],
    [{ a: 1 }, { a: 2 }],
    [{ a: 1 }, { b: 1 }],
    [{ a: 1 }, {}],
    [{}, { a: 1 }],
    [{ a: null }, { a: undefined }],
    [{ a: null, b: undefined }, { b: null }],
    [JSON.parse('{"__proto__":{}}'), { a: {} }],
    [{ toString: null }, { a: null }],
    [date, new Date(2)],
    [date, 1],
    [date, {}],
    [{}, date],
    [bytes, Uint8Array.of(2)],
    [bytes, Uint8Array.of(1, 1)],
    [bytes, [1]],
    [bytes, { 0: 1 }],
    [{ 0: 1 }, bytes],
    [new Map(), {}],
    [{}, new Map()],
    [new Map([[1, 2]]), new Map([[2, 1]])],
    [new Map([[1, [2]]]), new Map([[1, [3]]])],
    [new Map([[1, 2]]), new Map()],
    [new Map(), new Set()],
    [new Set(), new Map()],
    [new Set([1, 2]), new Set([2, 1])],
    [new Set([1]), [1]],
    [{}, new Set()],
  ]
  for (const [a, b] of table) {
    t.notOk(sameValue(a, b))
    t.notOk(sameValue(b, a))
    t.notOk(sameValue({ deep: [a] }, { deep: [b] }))
  }
  const twice = [
    [
      new Map([
        [1, 1],
        [2, 2],
      ]),
      new Map([
        [2, 2],
        [1, 1],
      ]),
    ],
    [new Map([[[1], 1]]), new Map([[[2], 1]])],
  ] as const
  for (const [a, b] of twice) t.notOk(sameValue(a, b), 'a Map has its order, and its keys count')
})

t.test('the same object is the same without a look inside', async (t) => {
  const list = new Proxy([1], {
    get: () => {
      throw new Error('nobody need look')
    },
  })
  t.ok(sameValue(list, list))
  t.ok(sameValue({ list }, { list }))
})
