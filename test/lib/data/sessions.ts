import assert from 'node:assert'
import { JsonCodec } from '../../../lib/data/codec.ts'
import { MAX_BIGINT_BITS, seal } from '../../../lib/data/values.ts'
import { fc } from '../../support/fc.ts'

export const codec = new JsonCodec()
export const DEADLINE = Date.UTC(2030, 0, 1)

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
export const anySession = fc.array(fc.tuple(key, anyValue), FEW).map((entries): Record<string, unknown> => Object.fromEntries(entries))

export function roundTrip(values: Record<string, unknown>): Record<string, unknown> {
  const owned = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, seal(value, name, 1_000_000).value]))
  const { deadline, values: back } = codec.decode(codec.encode(DEADLINE, owned))
  assert.equal(deadline, DEADLINE)
  return back
}
