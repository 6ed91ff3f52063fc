import t from 'tap'
import { GobCodec, goType, OpaqueValue } from '../../../lib/codecs/gob.ts'
import { JsonCodec } from '../../../lib/data/codec.ts'
import { freshBytes } from '../../../lib/data/readonly.ts'
import { handOut, sameValue, seal, sealTyped } from '../../../lib/data/values.ts'

const codec = new GobCodec()
const put = (value: unknown, known?: unknown) => sealTyped(codec, 'key', value, 1000, known)

t.test('a value that is put is at once what it will be when it is read', async (t) => {
  t.equal(put(5n).value, 5)
  t.equal(put(2n ** 53n).value, 2n ** 53n)
  t.same(put({ a: [1n, { b: 2n }] }).value, { a: [1, { b: 2 }] })
  t.same(put(goType('map[int]int64', new Map([[1n, 2n]]))).value, new Map([[1, 2]]))
  t.equal(put(goType('int64', 42)).value, 42)
  t.same(put({ n: goType('int32', 7), same: [1] }).value, { n: 7, same: [1] })
  t.ok(Object.isFrozen((put({ n: [goType('int32', 7)] }).value as { n: unknown }).n))
  const plain = { a: [1, 'x', null, new Date(1), new Set()] }
  t.throws(() => put(plain), { code: 'FST_ERR_SCS_VALUE', message: /key\.a\[4\]: it is a Set/ })
})

t.test('what Go cannot hold is refused at put, with the path and what to do', async (t) => {
  const table: readonly (readonly [unknown, RegExp])[] = [
    [new Set([1]), /at key: it is a Set, which Go has no type for: put an array/],
    [{ a: new Map() }, /at key\.a: it is a Map: put an object, or say its type/],
    [2n ** 64n, /at key: it has more than 64 bits: put its digits as a string/],
    [[-(2n ** 63n) - 1n], /at key\[0\]: it has more than 64 bits/],
    ['\ud800', /at key: it has half a surrogate pair, which is no UTF-8/],
    [{ a: [1, { b: '\udc00' }] }, /at key\.a\[1\]\.b: it has half a surrogate pair/],
    [{ '\ud800': 1 }, /at key\.\ud800: its key: it has half a surrogate pair/],
    [goType('int8', 128), /at key: it is no int8/],
    [goType('uint64', -1), /it is no uint64/],
    [goType('int64', 0.5), /it is no int64/],
    [goType('int64', 2 ** 53), /it is no int64/],
    [goType('float32', 1e300), /it is no float32/],
    [goType('complex128', [1]), /it is no complex128/],
    [goType('string', 5), /it is no string/],
    [goType('bool', 5), /it is no bool/],
    [goType('[]byte', [1]), /it is no \[\]uint8/],
    [goType('[2]int', [1]), /it is no \[2\]int/],
    [goType('[]int', {}), /it is no \[\]int/],
    [goType('time.Time', 5), /it is no time\.Time/],
    [goType('time.Time', new OpaqueValue('x', new Uint8Array(1), 'text')), /it is no time\.Time/],
    [goType('map[int]string', { 1: 'a' }), /it is no map/],
    [goType('map[string]int', { a: 'x' }), /it is no map/],
    [goType('map[string]int', [1]), /it is no map/],
    [{ a: [goType('struct { A int }', { B: 1 })] }, /at key\.a\[0\]: it is no struct \{ A int \}/],
    [goType('struct { A int }', new Date(1)), /it is no struct/],
    [() => 1, /it is a function/],
  ]
  for (const [value, message] of table) t.throws(() => put(value), { code: 'FST_ERR_SCS_VALUE', message }, String(message))
})

t.test('goType takes types as Go writes them and says what is wrong with others', async (t) => {
  const table: readonly (readonly [string, RegExp])[] = [
    ['', /has an end where a type must be/],
    ['[]', /has an end where a type must be/],
    ['}', /has \} where a type must be/],
    ['int64 x', /has something behind the type/],
    ['int?', /is no type of Go|has something behind/],
    ['?', /is no type of Go/],
    ['main.User', /names main\.User: write behind it what it is, for example 'main\.User struct \{ ID int64 \}'/],
    ['[]main.User', /names main\.User/],
    ['map[string', /lacks a \]/],
    ['struct { A int', /lacks a ;|without a closing brace/],
    ['struct { A int B int }', /lacks a ;/],
    ['struct { ; }', /has a struct without a closing brace/],
    ['*'.repeat(1001), /is too long/],
  ]
  for (const [type, message] of table) t.throws(() => goType(type, 1), { code: 'FST_ERR_SCS_ARGUMENT', message }, type)
})

t.test('to put an equal value again with the type that it has is no change', async (t) => {
  const { type } = put(goType('int64', 42))
  t.equal(put(goType('int64', 43), type).type, type)
  t.equal(put(44, type).type, type)
  t.not(put(goType('int32', 42), type).type, type)
  t.equal(put(goType('int', 42)).type, undefined, 'an int is natural')
  t.equal(put(goType('int', 42), type).type, undefined)
  t.not(put(goType('map[int]int', new Map())).type, undefined)
})

t.test('an opaque value is frozen, equal to another of the same bytes, and its own in every copy', async (t) => {
  const bytes = new Uint8Array([1, 2])
  const opaque = new OpaqueValue('main.Opaque', bytes)
  bytes[0] = 9
  t.same(opaque.bytes, new Uint8Array([1, 2]))
  t.ok(Object.isFrozen(opaque))
  t.ok(sameValue(opaque, new OpaqueValue('main.Opaque', new Uint8Array([1, 2]))))
  for (const other of [new OpaqueValue('main.Opaque', bytes), new OpaqueValue('main.Other', opaque.bytes), { ...opaque }, 5])
    t.notOk(sameValue(opaque, other))
  t.notOk(sameValue({ ...opaque }, opaque))
  const kept = put({ list: [opaque, new Uint8Array(1)] }).value as { list: unknown[] }
  t.equal(kept.list[0], opaque)
  t.equal((freshBytes(kept) as typeof kept).list[0], opaque)
  t.equal(handOut(opaque, 'key'), opaque)
  t.equal((handOut([Number.NaN, opaque], 'key') as unknown[])[1], opaque)
  t.ok(Number.isNaN(handOut(Number.NaN, 'key')))
})

t.test('JsonCodec keeps neither an opaque value nor a type of Go, and says so', async (t) => {
  const opaque = new OpaqueValue('main.Opaque', new Uint8Array(1))
  put({ a: opaque })
  t.throws(() => seal({ a: opaque }, 'key', 100), {
    code: 'FST_ERR_SCS_VALUE',
    message: /at key\.a: it is an OpaqueValue, which needs the codec/,
  })
  t.throws(() => seal(goType('int64', 5), 'key', 100), {
    code: 'FST_ERR_SCS_VALUE',
    message: /has a type of Go, which needs the option codec/,
  })
  t.throws(() => seal(Number.NaN, 'key', 100), { code: 'FST_ERR_SCS_VALUE' })
  t.throws(() => new JsonCodec().encode(1, { a: [opaque] }), { code: 'FST_ERR_SCS_VALUE', message: /main\.Opaque: it is an OpaqueValue/ })
})
