import assert from 'node:assert'
import t from 'tap'
import { freshBytes } from '../../../lib/data/readonly.ts'
import { seal } from '../../../lib/data/values.ts'

const MANY = 65_535
const mine = (value: unknown): unknown => seal(value, 'key', MANY).value

t.test('a value that is refused is left as it was, all of it', async (t) => {
  const make = (last: unknown) => ({ list: [{ a: 1 }], date: new Date(0), map: new Map([['k', { b: 1 }]]), set: new Set([[1]]), last })
  for (const last of [() => 1, { deep: [Number.NaN] }, undefined, new Map([[1, Symbol('s')]])]) {
    const value = make([last])
    t.throws(() => mine(value), { code: 'FST_ERR_SCS_VALUE' })
    const all = [value, value.list, value.list[0], value.date, value.map, value.map.get('k'), value.set, [...value.set][0], value.last]
    for (const part of all) t.ok(Object.isExtensible(part))
    value.date.setTime(1)
    value.map.set('l', { b: 2 })
    value.set.add([2])
    value.list.push({ a: 2 })
    t.strictSame([value.date.getTime(), value.map.size, value.set.size, value.list.length], [1, 2, 2, 2])
  }
})

t.test('plain data is frozen deep, where it stands', async (t) => {
  const value = { list: [{ a: 1 }], map: new Map([['k', { b: 1 }]]), set: new Set([{ c: 1 }]) }
  const owned = mine(value) as typeof value
  t.equal(owned, value, 'it is the same object')
  const key = [...owned.set][0]
  for (const part of [owned, owned.list, owned.list[0], owned.map, owned.map.get('k'), owned.set, key]) t.ok(Object.isFrozen(part))
  t.throws(() => owned.list.push({ a: 2 }), TypeError)
  t.throws(() => Object.assign(owned, { list: [] }), TypeError)
})

t.test('the mutators of a Date, a Map and a Set throw', async (t) => {
  const date = mine(new Date(0)) as Date
  const setters = Object.getOwnPropertyNames(Date.prototype).filter((name) => name.startsWith('set'))
  t.ok(setters.length >= 16, 'all setters are tried')
  const map = mine(new Map([['a', 1]])) as Map<string, number>
  const set = mine(new Set(['a'])) as Set<string>
  const calls: readonly (readonly [string, () => unknown])[] = [
    ...setters.map((name) => ['Date', () => (date as unknown as Record<string, (n: number) => void>)[name]?.(1)] as const),
    ['Map', () => map.set('b', 2)],
    ['Map', () => map.delete('a')],
    ['Map', () => map.clear()],
    ['Set', () => set.add('b')],
    ['Set', () => set.delete('a')],
    ['Set', () => set.clear()],
  ]
  for (const [kind, call] of calls) t.throws(call, { code: 'FST_ERR_SCS_READONLY', message: `This ${kind} belongs to a session` })
  t.equal(date.getTime(), 0)
  t.strictSame([...map], [['a', 1]])
  t.strictSame([...set], ['a'])
})

t.test('a guarded Date, Map or Set is deeply equal to a plain one', async (t) => {
  const plain = () => ({ date: new Date(5), map: new Map([['a', new Date(6)]]), set: new Set([1]) })
  assert.deepStrictEqual(mine(plain()), plain())
  assert.deepStrictEqual(plain(), mine(plain()))
  t.strictSame(Object.keys(mine(new Date(5)) as object), [], 'the guards do not show among the keys')
})

t.test('bytes are copied into a plain Uint8Array, views of shared memory too', async (t) => {
  const shared = new Uint8Array(new SharedArrayBuffer(2))
  for (const given of [new Uint8Array([7, 8]), shared, new Uint8Array([0, 7, 8, 0]).subarray(1, 3)]) {
    const { value, bytes } = seal(given, 'key', MANY)
    t.ok(bytes)
    const copy = value as Uint8Array
    t.equal(Object.getPrototypeOf(copy), Uint8Array.prototype)
    assert.deepStrictEqual([...copy], [...given])
    given[0] = 99
    t.not(copy[0], 99)
  }
  for (const plain of [1, {}, new Date(0), new Map()]) t.notOk(seal(plain, 'key', MANY).bytes, 'and other values have none')
})

t.test('bytes in a Map, a Set, an array or an object are found and copied', async (t) => {
  const bytes = new Uint8Array([1])
  const holders: readonly unknown[] = [
    { a: bytes },
    [bytes],
    new Map([['k', bytes]]),
    new Map([[bytes, 'v']]),
    new Map<string, unknown>([
      ['k', bytes],
      ['n', 1],
    ]),
    new Set([bytes]),
    new Set([1, bytes]),
    Object.freeze({ a: bytes }),
  ]
  for (const holder of holders) {
    const { value, bytes: found } = seal(holder, 'key', MANY)
    t.ok(found)
    t.ok(Object.isFrozen(value))
    assert.deepStrictEqual(value, structuredClone(holder))
    t.notOk(parts(value).includes(bytes), 'the given bytes are not in it')
  }
})

function parts(value: unknown): unknown[] {
  if (value instanceof Map) return [...value].flat()
  return value instanceof Set ? [...value] : Object.values(value as object)
}

t.test('what was frozen by the caller is taken as it is, or copied where it must be closed', async (t) => {
  const date = new Date(1)
  const bytes = new Uint8Array([1])
  const frozen = Object.freeze({
    list: Object.freeze([date, bytes]),
    map: Object.freeze(new Map([['a', 1]])),
    set: Object.freeze(new Set([1])),
  })
  const owned = mine(frozen) as typeof frozen
  assert.deepStrictEqual(owned, { list: [new Date(1), new Uint8Array([1])], map: new Map([['a', 1]]), set: new Set([1]) })
  t.throws(() => (owned.list[0] as Date).setTime(2), { code: 'FST_ERR_SCS_READONLY' })
  t.throws(() => owned.map.set('b', 2), { code: 'FST_ERR_SCS_READONLY' })
  t.throws(() => owned.set.add(2), { code: 'FST_ERR_SCS_READONLY' })
  bytes[0] = 9
  t.equal((owned.list[1] as Uint8Array)[0], 1)
  for (const shut of [Object.freeze(new Date(3)), Object.preventExtensions(new Date(3)), Object.seal(new Date(3))]) {
    const copy = mine(shut) as Date
    t.throws(() => copy.setTime(4), { code: 'FST_ERR_SCS_READONLY' })
    t.equal(copy.getTime(), 3)
  }
  const plain = Object.freeze({ a: Object.freeze([1]) })
  t.equal(mine(plain), plain)
})

t.test('what leaves with bytes in it is a copy of the bytes, and closed as before', async (t) => {
  const make = () => ({
    bytes: new Uint8Array([1]),
    list: [new Uint8Array([2]), 'text', null],
    map: new Map<unknown, unknown>([[new Uint8Array([3]), new Uint8Array([4])]]),
    set: new Set<unknown>([new Uint8Array([5])]),
    date: new Date(6),
    number: 7n,
  })
  const owned = mine(make())
  const first = freshBytes(owned) as ReturnType<typeof make>
  assert.deepStrictEqual(first, make())
  first.bytes[0] = 99
  const listed = first.list[0] as Uint8Array
  listed[0] = 99
  for (const part of [...first.map].flat().concat([...first.set])) (part as Uint8Array)[0] = 99
  assert.deepStrictEqual(freshBytes(owned), make(), 'the session still has its own')
  t.throws(() => first.map.clear(), { code: 'FST_ERR_SCS_READONLY' })
  t.throws(() => first.set.clear(), { code: 'FST_ERR_SCS_READONLY' })
  t.throws(() => first.date.setTime(0), { code: 'FST_ERR_SCS_READONLY' })
  for (const part of [first, first.list, first.map, first.set]) t.ok(Object.isFrozen(part))
})
