import assert from 'node:assert'
import t from 'tap'
import { fc } from '../../support/fc.ts'
import { anySession, codec, DEADLINE } from './sessions.ts'

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
