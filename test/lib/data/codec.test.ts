import assert from 'node:assert'
import vm from 'node:vm'
import fc from 'fast-check'
import t from 'tap'
import { JsonCodec } from '../../../lib/data/codec.ts'
import { needsTags, tag, untag } from '../../../lib/data/tags.ts'
import { MAX_BIGINT_BITS, own } from '../../../lib/data/values.ts'

const codec = new JsonCodec()
const DEADLINE = Date.UTC(2030, 0, 1)
const text = (data: Uint8Array): string => Buffer.from(data).toString()

// --- what comes back ---

const KEYS = ['$', 'v', '__proto__', 'constructor', 'toString', 'toJSON', 'then', '', '0', '\ud800', '\udfff\ud800', 'ä', '\u2028']
const key = fc.oneof(fc.constantFrom(...KEYS), fc.string({ unit: 'binary' }))
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
  fc.constantFrom('map', 'date', '\ud800', '\udc00\ud800', '\0', '"', '\\', '\u2028', '😀'),
)
const FEW = { maxLength: 4 }
const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, tie('leaf'), tie('list'), tie('record'), tie('map'), tie('set')),
  leaf: fc.oneof(
    ...[fc.constant(null), fc.boolean(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(-0), fc.integer(), anyText],
    ...[fc.bigInt(), fc.bigInt({ min: -(2n ** BigInt(MAX_BIGINT_BITS - 1)), max: 2n ** BigInt(MAX_BIGINT_BITS - 1) - 1n })],
    ...[fc.date({ noInvalidDate: true }), fc.uint8Array()],
  ),
  list: fc.array(tie('value'), FEW),
  record: fc.array(fc.tuple(key, tie('value')), FEW).map((entries) => Object.fromEntries(entries)),
  map: fc.array(fc.tuple(tie('value'), tie('value')), FEW).map((entries) => new Map(entries)),
  set: fc.array(tie('value'), FEW).map((members) => new Set(members)),
}))
const anySession = fc.array(fc.tuple(key, anyValue), FEW).map((entries): Record<string, unknown> => Object.fromEntries(entries))

function roundTrip(values: Record<string, unknown>): Record<string, unknown> {
  const owned = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, own(value, name, 1_000_000).value]))
  const { deadline, values: back } = codec.decode(codec.encode(DEADLINE, owned))
  assert.equal(deadline, DEADLINE)
  return back
}

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

// --- what is refused ---

/** A session, or the one error; and no prototype was touched. */
function isTotal(data: Uint8Array): boolean {
  try {
    const { deadline, values } = codec.decode(data)
    assert.ok(Number.isFinite(new Date(deadline).getTime()), 'a deadline is a moment')
    assert.ok(typeof values === 'object' && values !== null && !Array.isArray(values))
  } catch (error) {
    assert.equal((error as { code?: unknown }).code, 'FST_ERR_SCS_PAYLOAD', String(error))
  }
  return true
}

const prototypeOf = (): string => Reflect.ownKeys(Object.prototype).map(String).join()
const prototypeBefore = prototypeOf()

t.test('any bytes give a session or FST_ERR_SCS_PAYLOAD', async (t) => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), isTotal))
  fc.assert(
    fc.property(
      fc.json().map((json) => Buffer.from(json)),
      isTotal,
    ),
  )
  const envelope = (values: string) => Buffer.from(`{"deadline":1,"tagged":true,"values":${values}}`)
  fc.assert(fc.property(fc.json().map(envelope), isTotal))
  t.equal(prototypeOf(), prototypeBefore)
})

t.test('good payloads with changed bytes give a session or FST_ERR_SCS_PAYLOAD', async (t) => {
  const mutation = fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom('set', 'cut', 'drop', 'double'))
  fc.assert(
    fc.property(anySession, fc.array(mutation, { minLength: 1, maxLength: 5 }), (values, mutations) => {
      let data: Buffer = Buffer.from(codec.encode(DEADLINE, values))
      for (const [at, byte, kind] of mutations) data = mutate(data, at % Math.max(1, data.length), byte, kind)
      return isTotal(data)
    }),
    { numRuns: 1000 },
  )
  t.equal(prototypeOf(), prototypeBefore)
})

function mutate(data: Buffer, at: number, byte: number, kind: string): Buffer {
  if (kind === 'cut') return data.subarray(0, at)
  if (kind === 'drop') return Buffer.concat([data.subarray(0, at), data.subarray(at + 1)])
  if (kind === 'double') return Buffer.concat([data.subarray(0, at), data.subarray(at)])
  return Buffer.concat([data.subarray(0, at), Buffer.from([byte]), data.subarray(at + 1)])
}

t.test('tagged values made of the words of the format give a session or FST_ERR_SCS_PAYLOAD', async (t) => {
  const words = fc.constantFrom(
    '$',
    'v',
    'map',
    'set',
    'date',
    'bytes',
    'bigint',
    'object',
    '-0',
    '__proto__',
    'constructor',
    'toString',
    '1',
    '-1',
    'AQI=',
    'x',
  )
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 6 },
      words,
      fc.integer(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 3 }),
      tie('tagged'),
      fc.dictionary(words, tie('value')),
    ),
    tagged: fc.record({ $: fc.oneof(words, tie('value')), v: tie('value') }, { requiredKeys: ['$'] }),
  }))
  fc.assert(
    fc.property(value, (values) => isTotal(Buffer.from(`{"deadline":1,"tagged":true,"values":${JSON.stringify({ values })}}`))),
    { numRuns: 2000 },
  )
  t.equal(prototypeOf(), prototypeBefore)
})

t.test('a payload is refused for what is wrong with it', async (t) => {
  const table: readonly (readonly [string | Uint8Array, RegExp])[] = [
    [new Uint8Array([0xff, 0xfe]), /it is not UTF-8/],
    [Buffer.from('{"deadline":1,"values":{"a":"\xe4"}}', 'latin1'), /it is not UTF-8/],
    ['', /it is not JSON/],
    ['{', /it is not JSON/],
    ['{"deadline":1,"values":{}}x', /it is not JSON/],
    ['null', /it is not an object/],
    ['7', /it is not an object/],
    ['"text"', /it is not an object/],
    ['[]', /it is not an object/],
    ['{}', /it has no deadline/],
    ['{"deadline":"1","values":{}}', /it has no deadline/],
    ['{"deadline":null,"values":{}}', /it has no deadline/],
    ['{"deadline":1e999,"values":{}}', /it has no deadline/],
    ['{"deadline":-1e999,"values":{}}', /it has no deadline/],
    ['{"deadline":1e300,"values":{}}', /it has no deadline/],
    ['{"deadline":1}', /it has no values/],
    ['{"deadline":1,"values":null}', /it has no values/],
    ['{"deadline":1,"values":[]}', /it has no values/],
    ['{"deadline":1,"values":"text"}', /it has no values/],
    ['{"__proto__":{"deadline":1,"values":{}}}', /it has no deadline/],
  ]
  for (const [payload, message] of table) {
    t.throws(
      () => codec.decode(typeof payload === 'string' ? Buffer.from(payload) : payload),
      { code: 'FST_ERR_SCS_PAYLOAD', message },
      String(payload),
    )
  }
})

t.test('a wrong tag is refused with its cause', async (t) => {
  t.throws(() => codec.decode(Buffer.from('{"deadline":1,"tagged":true,"values":{"a":{"$":"nonsense"}}}')), {
    message: /its tags are wrong or nested too deep/,
    cause: { message: /it has an unknown tag/ },
  })
})

t.test('a tag that is never written is refused', async (t) => {
  const tags: readonly unknown[] = [
    ...['nonsense', '', '__proto__', 'constructor', 'toString', 'hasOwnProperty', null, 7, {}, [], { toString: 1 }].map(($) => ({
      $,
      v: [],
    })),
    ...[undefined, null, 1, '', '-', '1.5', '1n', '0x1', ' 1', '1e3', '9'.repeat(2468), []].map((v) => ({ $: 'bigint', v })),
    ...[undefined, null, '5', 8.64e15 + 1, 1e300, [], {}].map((v) => ({ $: 'date', v })),
    ...[undefined, null, 7, [], 'a b', 'ä', '===', 'a=a', '-_'].map((v) => ({ $: 'bytes', v })),
    ...[undefined, null, 7, 'ab', {}, [1], [[1]], [[1, 2, 3]], [{}], [['a', { $: 'x' }]]].map((v) => ({ $: 'map', v })),
    ...[undefined, null, 7, 'ab', {}, [{ $: 'x' }]].map((v) => ({ $: 'set', v })),
    ...[undefined, null, {}, [1], [['a']], [[1, 2]], [[null, 2]], [['a', { $: 'x' }]]].map((v) => ({ $: 'object', v })),
  ]
  for (const wrong of tags) {
    for (const values of [{ a: wrong }, { a: [wrong] }, { a: { b: wrong } }]) {
      const payload = JSON.stringify({ deadline: 1, tagged: true, values })
      t.throws(() => codec.decode(Buffer.from(payload)), { code: 'FST_ERR_SCS_PAYLOAD' }, payload.slice(0, 100))
    }
  }
})

t.test('what nobody could put is refused, and what can be put at the most is taken', async (t) => {
  const nest = (open: string, inner: string, shut: string, levels: number) => open.repeat(levels) + inner + shut.repeat(levels)
  const pairs: readonly (readonly [tagged: boolean, good: string, bad: string])[] = [
    [false, '1e308', '1e309'],
    [false, '{"a":[-1.7e308]}', '{"a":[-1.8e308]}'],
    [false, nest('[', '1', ']', 100), nest('[', '1', ']', 101)],
    [false, nest('{"a":', '1', '}', 100), nest('{"a":', '1', '}', 101)],
    [true, '1e308', '1e309'],
    [true, nest('[', '1', ']', 100), nest('[', '1', ']', 101)],
    [true, nest('{"a":', '1', '}', 100), nest('{"a":', '1', '}', 101)],
    [true, nest('{"$":"set","v":[', '1', ']}', 100), nest('{"$":"set","v":[', '1', ']}', 101)],
    [true, nest('{"$":"map","v":[[1,', '1', ']]}', 100), nest('{"$":"map","v":[[1,', '1', ']]}', 101)],
    [true, nest('{"$":"object","v":[["$",', '1', ']]}', 100), nest('{"$":"object","v":[["$",', '1', ']]}', 101)],
    [true, nest('[', '{"$":"date","v":5}', ']', 99), nest('[', '{"$":"date","v":5}', ']', 100)],
    [true, nest('[', '{"$":"bigint","v":"5"}', ']', 100), nest('[', '{"$":"bigint","v":"5"}', ']', 101)],
    [true, `{"$":"bigint","v":"${2n ** 8191n - 1n}"}`, `{"$":"bigint","v":"${2n ** 8191n}"}`],
    [true, `{"$":"bigint","v":"${-(2n ** 8191n)}"}`, `{"$":"bigint","v":"${-(2n ** 8191n) - 1n}"}`],
  ]
  for (const [tagged, good, bad] of pairs) {
    const decode = (value: string) => codec.decode(Buffer.from(`{"deadline":1,"tagged":${tagged},"values":{"a":${value}}}`)).values
    t.doesNotThrow(() => roundTrip(decode(good)), good.slice(0, 60))
    t.throws(() => decode(bad), { code: 'FST_ERR_SCS_PAYLOAD' }, bad.slice(0, 60))
  }
})

t.test('at the deepest place of all, what is no container is read, tagged or not', async (t) => {
  for (const part of ['null', 'true', '1', '"text"']) {
    for (const tagged of [true, false]) {
      const payload = `{"deadline":1,"tagged":${tagged},"values":{"a":${'['.repeat(100)}${part}${']'.repeat(100)}}}`
      t.doesNotThrow(() => codec.decode(Buffer.from(payload)), `${part}, ${tagged}`)
    }
  }
})

t.test('however deep a payload is nested, decoding ends well', async (t) => {
  const deep = (open: string, shut: string) => open.repeat(100_000) + shut.repeat(100_000)
  for (const nest of [
    deep('[', ']'),
    `${deep('{"a":', '}').replace(':}', ':1}')}`,
    deep('{"$":"set","v":[', ']}'),
    `{"$":${deep('[', ']')}}`,
  ]) {
    for (const tagged of [true, false]) t.ok(isTotal(Buffer.from(`{"deadline":1,"tagged":${tagged},"values":{"a":${nest}}}`)))
  }
})

t.test('no message has a word of the payload, and neither has a cause', async (t) => {
  const secret = 'geheim'
  const payloads = [
    `{"deadline":1,"values":{"a":"${secret}}`,
    `"${secret}"`,
    secret,
    `{"deadline":"${secret}"}`,
    ...['bigint', 'date', 'bytes', 'map', 'set', 'object', secret].map(
      (kind) => `{"deadline":1,"tagged":true,"values":{"a":{"$":"${kind}","v":"${secret} "}}}`,
    ),
    `{"deadline":1,"tagged":true,"values":{"a":{"$":"map","v":[["${secret}"]]}}}`,
  ]
  for (const payload of payloads) {
    try {
      codec.decode(Buffer.from(payload))
      t.fail(`decoded: ${payload}`)
    } catch (error) {
      for (let each: unknown = error; each instanceof Error; each = each.cause) t.notMatch(`${each.message} ${each.stack}`, secret, payload)
    }
  }
})
