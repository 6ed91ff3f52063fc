import assert from 'node:assert'
import vm from 'node:vm'
import t from 'tap'
import { needsTags, tag, untag } from '../../../lib/data/tags.ts'
import { fc } from '../../support/fc.ts'
import { anySession, codec, DEADLINE, roundTrip } from './sessions.ts'

const text = (data: Uint8Array): string => Buffer.from(data).toString()

// --- what comes back ---

const KEYS = ['$', 'v', '__proto__', 'constructor', 'toString', 'toJSON', 'then', '', '0', '\ud800', '\udfff\ud800', 'ä', '\u2028']
const key = fc.oneof(fc.constantFrom(...KEYS), fc.string({ unit: 'binary' }))

t.test('every value that a session takes comes back as it was', async () => {
  fc.assert(
    fc.property(anySession, (values) => {
      const before = structuredClone(values)
      assert.deepStrictEqual(roundTrip(values), before)
    }),
    { numRuns: 500 },
  )
})

t.test('undefined in an object is dropped', async (t) => {
  for (const extra of [{}, { rich: new Date(1) }, { rich: { $: 1 } }]) {
    const back = roundTrip({ a: { b: undefined, c: 1, ...extra }, map: new Map([['k', { d: undefined }]]) })
    assert.deepStrictEqual(back, { a: { c: 1, ...extra }, map: new Map([['k', {}]]) })
  }
  t.equal(text(codec.encode(DEADLINE, { a: { b: undefined } })), `{"deadline":${DEADLINE},"values":{"a":{}}}`)
})

t.test('plain data is plain JSON with the deadline before the values', async (t) => {
  const plain = {
    userId: 'u1',
    list: [1, 0, true, null, { a: 'ä' }],
    foreign: vm.runInNewContext('({ a: [0] })'),
    $: 'map',
    nested: { $: 'set', v: [] },
  }
  t.equal(text(codec.encode(DEADLINE, plain)), `{"deadline":${DEADLINE},"values":${JSON.stringify(plain)}}`)
  fc.assert(
    fc.property(
      fc.dictionary(key, fc.jsonValue()),
      (values) => needsTags(values) === text(codec.encode(1, values)).startsWith('{"deadline":1,"tagged":true,'),
    ),
  )
})

t.test('what JSON lacks is tagged, wherever it is', async (t) => {
  const rich: readonly unknown[] = [new Date(0), new Uint8Array(1), 1n, new Map(), new Set(), -0]
  for (const value of rich) {
    for (const values of [{ value }, { a: [value] }, { a: { b: { value } } }, { a: 1, b: Object.assign(Object.create(null), { value }) }]) {
      t.match(text(codec.encode(DEADLINE, values)), `{"deadline":${DEADLINE},"tagged":true,"values":{`)
    }
  }
})

t.test('the tagged form, written out', async (t) => {
  const table: readonly (readonly [unknown, unknown])[] = [
    [-0, { $: '-0' }],
    [-7n, { $: 'bigint', v: '-7' }],
    [new Date(5), { $: 'date', v: 5 }],
    [new Uint8Array([1, 2]), { $: 'bytes', v: 'AQI=' }],
    [new Map<unknown, unknown>([[1n, -0]]), { $: 'map', v: [[{ $: 'bigint', v: '1' }, { $: '-0' }]] }],
    [new Set([new Date(5)]), { $: 'set', v: [{ $: 'date', v: 5 }] }],
    [
      { $: 'map', v: [] },
      {
        $: 'object',
        v: [
          ['$', 'map'],
          ['v', []],
        ],
      },
    ],
    [{ a: 1, b: undefined }, { a: 1 }],
  ]
  for (const [value, tagged] of table) {
    assert.deepStrictEqual(tag(value), tagged)
    assert.deepStrictEqual(untag(JSON.parse(JSON.stringify(tagged))), structuredClone(value === table[7]?.[0] ? { a: 1 } : value))
    t.pass()
  }
})

t.test('the outermost object is never a tag', async () => {
  for (const values of [{ $: 'date', v: 5, n: 1n }, { $: new Date(1) }, { $: 'nonsense', n: -0 }]) {
    assert.deepStrictEqual(codec.decode(codec.encode(DEADLINE, values)).values, values)
  }
})

t.test('a plain object that looks like a tag is what it is', async () => {
  for (const values of [{ a: { $: 'date', v: 5 } }, { a: [{ $: 'nonsense' }] }]) {
    assert.deepStrictEqual(codec.decode(codec.encode(DEADLINE, values)).values, values)
    assert.deepStrictEqual(codec.decode(Buffer.from(JSON.stringify({ deadline: 1, tagged: false, values }))).values, values)
  }
})

t.test('a deadline may be any moment that a Date can name', async (t) => {
  for (const deadline of [-8.64e15, 0, 8.64e15]) t.equal(codec.decode(codec.encode(deadline, {})).deadline, deadline)
})

t.test('bytes that lie inside a larger buffer are read where they are', async () => {
  const payload = codec.encode(DEADLINE, { a: 1 })
  const larger = new Uint8Array(payload.length + 8)
  larger.set(payload, 3)
  for (const data of [larger.subarray(3, 3 + payload.length), Buffer.from(payload), new Uint8Array(payload)]) {
    assert.deepStrictEqual(codec.decode(data), { deadline: DEADLINE, values: { a: 1 } })
  }
})

t.test('what is decoded belongs to the caller', async (t) => {
  const payload = codec.encode(DEADLINE, { list: [1], date: new Date(0) })
  const first = codec.decode(payload)
  Object.assign(first.values, { list: 'changed' })
  t.strictSame(codec.decode(payload).values['list'], [1])
})
