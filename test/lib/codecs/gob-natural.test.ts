import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import { GobCodec, goType, OpaqueValue } from '../../../lib/codecs/gob.ts'
import { sealTyped } from '../../../lib/data/values.ts'
import type { SessionTypes } from '../../../types/codec.ts'
import { fc } from '../../support/fc.ts'
import { GoJudge } from '../../support/go.ts'
import { LIMIT } from '../../support/limit.ts'

t.setTimeout(LIMIT)

const AT = Date.UTC(2030, 0, 2)
const codec = new GobCodec()
const judge = await GoJudge.start()
t.teardown(() => judge.close())

/** A session with one value, as `put` and a save make it. */
function saved(given: unknown): Uint8Array {
  const { value, type } = sealTyped(codec, 'key', given, 65_535, undefined)
  const types: SessionTypes = { keys: new Map([['key', type]]) }
  return codec.encode(AT, { key: value }, types)
}

const goTypeOf = async (given: unknown): Promise<string | undefined> => (await judge.echo(saved(given))).values?.['key']?.go

const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.string({ unit: 'grapheme', maxLength: 80 }),
    fc.maxSafeInteger(),
    fc.double(),
    fc.constantFrom(0, -0, 1, -1, 127, 128, 2 ** 31, -(2 ** 31), 2 ** 48, 2 ** 51, 2 ** 53, 1e300, 0.5),
    fc.bigInt(2n ** 53n, 2n ** 64n - 1n),
    fc.bigInt(-(2n ** 63n), -(2n ** 53n)),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array({ maxLength: 200 }),
    fc.tuple(fc.constantFrom('main.Opaque', '*big.Int'), fc.bigInt(1n, 2n ** 64n)).map(([type, n]) => opaque(type, n)),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.array(fc.oneof(fc.integer(), fc.double())),
    fc.array(fc.string()),
    fc.array(fc.boolean()),
    fc.dictionary(fc.string({ unit: 'grapheme' }), tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
}))

/** A number as Go's big.Int encodes itself: a version with the sign, then the digits. Any bytes are an Opaque. */
function opaque(type: string, n: bigint): OpaqueValue {
  const digits = n.toString(16)
  return new OpaqueValue(type, Buffer.from(`02${digits.padStart(digits.length + (digits.length % 2), '0')}`, 'hex'))
}

t.test('any value that JavaScript puts is read by Go, and comes back from Go as it was', async (t) => {
  const numRuns = Number(process.env['SCS_RUNS'] || 300)
  const comesBack = async (key: string, value: unknown) => {
    const payload = codec.encode(AT, { [key]: value, other: true })
    const { payload: again, error } = await judge.echo(payload)
    if (error !== undefined) throw new Error(error)
    for (const data of [payload, Buffer.from(again, 'base64')]) {
      const { deadline, values } = codec.decode(data)
      if (!isDeepStrictEqual([deadline, values], [AT, { [key]: value, other: true }])) throw new Error(`became ${String(values[key])}`)
    }
  }
  await fc.assert(fc.asyncProperty(fc.string({ unit: 'grapheme' }), anyValue, comesBack), { numRuns })
  t.pass()
})

t.test('a value takes the Go type that is natural to it', async (t) => {
  const table: readonly (readonly [unknown, string])[] = [
    [true, 'bool'],
    ['text', 'string'],
    [0, 'int'],
    [-(2 ** 53) + 1, 'int'],
    [-0, 'float64'],
    [2 ** 53, 'float64'],
    [0.5, 'float64'],
    [Number.NaN, 'float64'],
    [5n, 'int64'],
    [2n ** 63n - 1n, 'int64'],
    [-(2n ** 63n), 'int64'],
    [2n ** 64n - 1n, 'uint64'],
    [new Uint8Array(2), '[]uint8'],
    [new Date(0), 'time.Time'],
    [[], '[]string'],
    [['a'], '[]string'],
    [[true], '[]bool'],
    [[1, 2], '[]int'],
    [[1, -0], '[]float64'],
    [[1, 0.5], '[]float64'],
    [[1n, 2n], '[]int64'],
    [[1n, 2n ** 60n], '[]int64'],
    [[1n, 2n ** 63n], '[]interface {}'],
    [[1, 2n ** 60n], '[]int64'],
    [[1, 'a'], '[]interface {}'],
    [[null], '[]interface {}'],
    [[[1]], '[]interface {}'],
    [{}, 'map[string]interface {}'],
    [new OpaqueValue('main.Text', new Uint8Array([65]), 'binary'), 'main.Text'],
  ]
  for (const [value, type] of table) t.equal(await goTypeOf(value), type, `${type} ${String(value)}`)
  t.equal((await judge.echo(saved(null))).values?.['key'], null)
})

t.test('goType says another, of a value or of its parts', async (t) => {
  const table: readonly (readonly [type: string, value: unknown, go?: string])[] = [
    ...['int', 'int8', 'int16', 'int32', 'int64', 'uint', 'uint8', 'uint16', 'uint32', 'uint64', 'uintptr'].map(
      (type) => [type, 100] as const,
    ),
    ...['float32', 'float64'].map((type) => [type, 3] as const),
    ...['complex64', 'complex128'].map((type) => [type, [1, -2]] as const),
    ['time.Duration', 5e9],
    ['time.Time', new Date(5)],
    ['byte', 1, 'uint8'],
    ['rune', 1, 'int32'],
    ['[]byte', new Uint8Array(1), '[]uint8'],
    ['[]int64', [1n, 2]],
    ['[]any', [1], '[]interface {}'],
    ['[3]int', [1, 2, 3]],
    ['[]time.Duration', [1]],
    ['[][]int', [[1], []]],
    ['map[string]int', { a: 1 }],
    ['map[int]string', new Map([[1, 'a']])],
    [
      'map[interface{}]interface{}',
      new Map<unknown, unknown>([
        [1, 'a'],
        ['b', 2],
      ]),
      'map[interface {}]interface {}',
    ],
    ['map[string]map[string]int', { a: { b: 1 } }],
    ['map[string]interface {}', { a: 1 }],
    ['struct { A int; B int }', { A: 1 }],
    ['main.Level uint8', 3, 'main.Level'],
    ['main.Blob []byte', new Uint8Array(2), 'main.Blob'],
    ['main.Empty struct {}', {}, 'main.Empty'],
    [
      'main.User struct { ID int; Name string; Tags []string; Home struct { Street string } }',
      { ID: 7, Home: { Street: 'x' } },
      'main.User',
    ],
    ['*main.Node struct { Value int; }', { Value: 7 }, '*main.Node'],
    ['main.Pair[int,string] struct { First int; Second string }', { First: 1 }, 'main.Pair[int,string]'],
  ]
  for (const [type, value, go = type] of table) t.equal(await goTypeOf(goType(type, value)), go, type)
  const parts = {
    n: goType('int32', 7),
    list: [1, goType('uint8', 3)],
    map: goType('map[int]interface {}', new Map([[1, goType('int8', 2)]])),
  }
  const { values } = await judge.echo(saved({ n: parts.n, list: parts.list }))
  t.same(values?.['key']?.value, [
    [
      { go: 'string', value: 'list' },
      {
        go: '[]interface {}',
        value: [
          { go: 'int', value: '1' },
          { go: 'uint8', value: '3' },
        ],
      },
    ],
    [
      { go: 'string', value: 'n' },
      { go: 'int32', value: '7' },
    ],
  ])
})
