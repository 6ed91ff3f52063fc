import assert from 'node:assert'
import vm from 'node:vm'
import t from 'tap'
import { freshBytes } from '../../../lib/data/closed.ts'
import { MAX_BIGINT_BITS, MAX_DEPTH, own } from '../../../lib/data/values.ts'
import { looksAt } from '../../support/looks.ts'

const MANY = 65_535
const mine = (value: unknown): unknown => own(value, 'key', MANY).value

/** A value of another realm, as a worker or a test runner hands it over. */
const foreign = (code: string): unknown => vm.runInNewContext(code)

function nested(depth: number, innermost: unknown = []): unknown {
  let value = innermost
  for (let i = 1; i < depth; i++) value = [value]
  return value
}

/** An object with `__proto__` as a key like any other. */
const withProtoKey = (value: unknown): object => JSON.parse(`{"__proto__":${JSON.stringify(value)}}`)

t.test('each kind of value that a payload brings back is taken', async (t) => {
  const accepted: readonly unknown[] = [
    ...[null, true, false, 0, -0, 1.5, -7, Number.MAX_VALUE, Number.MIN_VALUE, '', 'text', '\ud800', 0n, -(2n ** 100n)],
    ...[2n ** BigInt(MAX_BIGINT_BITS - 1) - 1n, -(2n ** BigInt(MAX_BIGINT_BITS - 1))],
    ...[
      [],
      [1, [2, [null]]],
      {},
      { a: { b: { c: 1 } } },
      { $: 'map', v: 1 },
      { constructor: 1, toString: 2, toJSON: 3 },
      Object.fromEntries([['then', 4]]),
    ],
    ...[withProtoKey({ a: 1 }), { a: undefined }, [{ a: undefined }]],
    ...[new Date(0), new Date(8.64e15), new Uint8Array(), new Uint8Array([1, 2, 255])],
    ...[new Map(), new Map<unknown, unknown>([[{ a: 1 }, new Date(1)]]), new Set(), new Set<unknown>([1, '1', [1], new Set([2])])],
    nested(MAX_DEPTH),
    Object.freeze({ a: Object.freeze([1]) }),
  ]
  for (const value of accepted) {
    const copy = structuredClone(value)
    assert.deepStrictEqual(mine(value), copy)
    t.pass()
  }
})

t.test('what a payload could not bring back is refused, with the path and the reason', async (t) => {
  class Account {}
  class Dates extends Date {}
  class Maps extends Map {}
  class Sets extends Set {}
  class List extends Array {}
  class Bytes extends Uint8Array {}
  const cycle: { self?: unknown } = {}
  cycle.self = cycle
  const cyclicMap = new Map<string, unknown>()
  cyclicMap.set('self', [cyclicMap])
  const hidden = Object.defineProperty({}, 'hidden', { value: 1 })
  const table: readonly (readonly [unknown, string, string])[] = [
    [undefined, 'key', 'it is undefined'],
    [Number.NaN, 'key', 'it is NaN'],
    [{ a: Number.POSITIVE_INFINITY }, 'key.a', 'it is Infinity'],
    [[0, [Number.NEGATIVE_INFINITY]], 'key[1][0]', 'it is -Infinity'],
    [() => 1, 'key', 'it is a function'],
    [{ a: [{ b: () => 1 }] }, 'key.a[0].b', 'it is a function'],
    [Symbol('s'), 'key', 'it is a symbol'],
    [{ a: Symbol.iterator }, 'key.a', 'it is a symbol'],
    [[undefined], 'key[0]', 'it is undefined'],
    [2n ** BigInt(MAX_BIGINT_BITS - 1), 'key', `it has more than ${MAX_BIGINT_BITS} bits`],
    [{ a: -(2n ** 9000n) }, 'key.a', `it has more than ${MAX_BIGINT_BITS} bits`],
    [new Account(), 'key', 'it is an instance of a class'],
    [{ user: new Account() }, 'key.user', 'it is an instance of a class'],
    [Object.create({ inherited: 1 }), 'key', 'it is an instance of a class'],
    [new Dates(0), 'key', 'it is an instance of a class'],
    [new Maps(), 'key', 'it is an instance of a class'],
    [{ a: new Sets() }, 'key.a', 'it is an instance of a class'],
    [new List(), 'key', 'it is an instance of a class'],
    [new Error('e'), 'key', 'it is an instance of a class'],
    [/r/, 'key', 'it is an instance of a class'],
    [new String('s'), 'key', 'it is an instance of a class'],
    [Promise.resolve(), 'key', 'it is an instance of a class'],
    [new WeakMap(), 'key', 'it is an instance of a class'],
    [new ArrayBuffer(1), 'key', 'it is an instance of a class'],
    [new Uint16Array(1), 'key', 'it is an instance of a class'],
    [new Uint8ClampedArray(1), 'key', 'it is an instance of a class'],
    [new URL('http://localhost'), 'key', 'it is an instance of a class'],
    [Buffer.from([1]), 'key', 'it is an instance of a class, Buffer: put new Uint8Array(buffer)'],
    [{ a: [Buffer.alloc(0)] }, 'key.a[0]', 'it is an instance of a class, Buffer: put new Uint8Array(buffer)'],
    [new Map([[1, Buffer.from([1])]]), 'key[0]', 'it is an instance of a class, Buffer: put new Uint8Array(buffer)'],
    [new Bytes(1), 'key', 'it is an instance of a class'],
    [new Date(Number.NaN), 'key', 'it is an invalid date'],
    [{ at: new Date(Number.NaN) }, 'key.at', 'it is an invalid date'],
    [cycle, 'key.self', 'it contains itself'],
    [cyclicMap, 'key[0][0]', 'it contains itself'],
    [nested(MAX_DEPTH + 1), `key${'[0]'.repeat(MAX_DEPTH)}`, `it is nested more than ${MAX_DEPTH} deep`],
    [
      {
        get computed() {
          return 1
        },
      },
      'key.computed',
      'it is computed by a getter',
    ],
    [{ set written(_value: unknown) {} }, 'key.written', 'it is computed by a getter'],
    [{ [Symbol('s')]: 1 }, 'key', 'it has holes, hidden properties or symbols'],
    [hidden, 'key', 'it has holes, hidden properties or symbols'],
    [new Array(2), 'key', 'it has holes, hidden properties or symbols'],
    [{ a: Object.assign(new Array(3), { 0: 1, 2: 3 }) }, 'key.a', 'it has holes, hidden properties or symbols'],
    [Object.assign([1], { extra: 1 }), 'key', 'it has holes, hidden properties or symbols'],
    [Object.assign(new Array(1), { extra: 1 }), 'key', 'it has holes, hidden properties or symbols'],
    [Object.assign(new Date(0), { extra: 1 }), 'key', 'it has properties of its own'],
    [Object.assign(new Map(), { extra: 1 }), 'key', 'it has properties of its own'],
    [Object.assign(new Set(), { extra: 1 }), 'key', 'it has properties of its own'],
    [
      new Map<unknown, unknown>([
        [1, 1],
        [{ a: () => 1 }, 1],
      ]),
      'key.key 1.a',
      'it is a function',
    ],
    [
      new Map<unknown, unknown>([
        [1, 1],
        [2, { a: Number.NaN }],
      ]),
      'key[1].a',
      'it is NaN',
    ],
    [new Set<unknown>([1, [() => 1]]), 'key[1][0]', 'it is a function'],
    [withProtoKey([null]) && { ['__proto__']: { x: () => 1 } }, 'key.__proto__.x', 'it is a function'],
  ]
  for (const [value, path, rule] of table) {
    t.throws(
      () => mine(value),
      { code: 'FST_ERR_SCS_VALUE', message: `The session cannot keep the value at ${path}: ${rule}` },
      `${path}: ${rule}`,
    )
  }
})

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

t.test('what throws when it is looked at, or cannot be closed, is refused with the path and the cause', async (t) => {
  const cause = new Error('nobody may look')
  const no = () => {
    throw cause
  }
  const { proxy, revoke } = Proxy.revocable([], {})
  revoke()
  const table: readonly (readonly [unknown, string, unknown])[] = [
    [{ a: [new Proxy({}, { ownKeys: no })] }, 'key.a[0]', cause],
    [{ a: [new Proxy({}, { getPrototypeOf: no })] }, 'key.a[0]', cause],
    [{ a: proxy }, 'key.a', undefined],
    [{ a: new Proxy({}, { preventExtensions: no }) }, 'key', cause],
  ]
  for (const [value, path, expected] of table) {
    const error = (() => {
      try {
        return mine(value)
      } catch (thrown) {
        return thrown as Error
      }
    })()
    t.match(error, { code: 'FST_ERR_SCS_VALUE', message: `The session cannot keep the value at ${path}: it cannot be looked at` })
    if (expected !== undefined) t.equal((error as Error).cause, expected)
  }
  t.strictSame(mine(new Proxy({ a: 1 }, {})), { a: 1 }, 'one that hides nothing is taken')
})

t.test('the message of a refusal ends with the reason', async (t) => {
  t.throws(() => mine({ a: () => 1 }), { message: /^The session cannot keep the value at key\.a: it is a function\.$/ })
})

t.test('the message of a refusal never has the value in it', async (t) => {
  const secret = 'geheim'
  for (const value of [{ a: [secret, () => secret] }, new Map<unknown, unknown>([[secret, Symbol(secret)]]), new Error(secret)]) {
    try {
      mine(value)
      t.fail('it was taken')
    } catch (error) {
      t.notMatch((error as Error).message, secret)
    }
  }
})

t.test('a value may have only so many parts as fit into the payload', async (t) => {
  t.doesNotThrow(() => own([1, 2, 3], 'key', 4))
  t.throws(() => own([1, 2, 3], 'key', 3), { code: 'FST_ERR_SCS_VALUE', message: /key\[2\]: it has more than 3 parts/ })
  const shared = Array.from({ length: 20 }).reduce<unknown>((below) => [below, below], 1)
  t.throws(() => mine(shared), { code: 'FST_ERR_SCS_VALUE', message: /more than 65535 parts/ }, 'the same part twice counts twice')
})

t.test('the same part in two places is no cycle', async (t) => {
  const part = { a: 1 }
  t.strictSame(mine([part, { part }, new Map([[part, part]])]), [{ a: 1 }, { part: { a: 1 } }, new Map([[{ a: 1 }, { a: 1 }]])])
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
    const { value, bytes } = own(given, 'key', MANY)
    t.ok(bytes)
    const copy = value as Uint8Array
    t.equal(Object.getPrototypeOf(copy), Uint8Array.prototype)
    assert.deepStrictEqual([...copy], [...given])
    given[0] = 99
    t.not(copy[0], 99)
  }
  for (const plain of [1, {}, new Date(0), new Map()]) t.notOk(own(plain, 'key', MANY).bytes, 'and other values have none')
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
    const { value, bytes: found } = own(holder, 'key', MANY)
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

t.test('a value that the session owns already is taken again without a copy', async (t) => {
  for (const value of [new Date(1), new Map([['a', new Date(2)]]), new Set([1]), { a: [new Date(3)] }]) {
    const owned = mine(value)
    t.equal(mine(owned), owned)
    t.equal(mine({ again: owned }) && owned, owned)
  }
})

t.test('plain data that was taken once is taken again without a look at its parts', async (t) => {
  for (const value of [{ a: [1, { b: null }] }, [[], {}], Object.freeze({ a: Object.freeze([1n]) })]) {
    t.not(
      looksAt(() => own(value, 'key', MANY)),
      0,
    )
    t.equal(
      looksAt(() => t.equal(mine(value), value)),
      0,
    )
  }
})

t.test('what can still change is looked at again each time, and so is what holds it', async (t) => {
  const map = new Map<string, unknown>([['a', 1]])
  const set = new Set<unknown>([1])
  const date = new Date(1)
  const bytes = new Uint8Array([1])
  const target = { a: 1 }
  const proxy = new Proxy(target, {})
  for (const value of [map, set, date, bytes, proxy, { map }, [set], [{ date }], { a: [bytes] }, [proxy]]) {
    const owned = mine(value)
    for (const again of [value, owned])
      t.not(
        looksAt(() => own(again, 'key', MANY)),
        0,
      )
  }
  Map.prototype.set.call(map, 'b', () => 1)
  Set.prototype.add.call(set, Symbol('s'))
  Date.prototype.setTime.call(date, Number.NaN)
  for (const value of [map, set, date, [map], { set }, [{ date }]]) t.throws(() => mine(value), { code: 'FST_ERR_SCS_VALUE' })
})

t.test('a value that was refused is refused again', async (t) => {
  const value = { a: [1], b: () => 1 }
  for (let i = 0; i < 2; i++) t.throws(() => mine(value), { message: /key\.b: it is a function/ })
})

t.test('a value that was taken once must still have few enough parts, and be nested little enough where it is now', async (t) => {
  const list = [1, 2, 3]
  own(list, 'key', 4)
  t.throws(() => own(list, 'key', 3), { code: 'FST_ERR_SCS_VALUE', message: /more than 3 parts/ })
  const deep = nested(MAX_DEPTH)
  mine(deep)
  t.throws(() => mine([deep]), { code: 'FST_ERR_SCS_VALUE', message: /nested more than/ })
})

t.test('a key named __proto__ deep inside is a key, and no prototype is touched', async (t) => {
  const before = Object.getOwnPropertyNames(Object.prototype).length
  const value = {
    inner: withProtoKey({ polluted: true }),
    bytes: Object.defineProperty({}, '__proto__', { value: new Uint8Array(1), enumerable: true, writable: true, configurable: true }),
  }
  const owned = mine(value) as Record<string, Record<string, unknown>>
  t.strictSame(Object.keys(owned['inner'] ?? {}), ['__proto__'])
  t.equal(Object.getPrototypeOf(owned['inner']), Object.prototype)
  t.strictSame(Object.keys(owned['bytes'] ?? {}), ['__proto__'])
  t.equal(Object.getPrototypeOf(owned['bytes']), Object.prototype)
  const fresh = freshBytes(owned) as typeof owned
  t.strictSame(Object.keys(fresh['inner'] ?? {}), ['__proto__'])
  t.equal(({} as Record<string, unknown>)['polluted'], undefined)
  t.equal(Object.getOwnPropertyNames(Object.prototype).length, before)
})

t.test('an object without a prototype is taken', async (t) => {
  const value = Object.assign(Object.create(null), { a: Object.assign(Object.create(null), { b: new Uint8Array([1]) }) })
  const { value: owned } = own(value, 'key', MANY)
  t.same(owned, { a: { b: new Uint8Array([1]) } })
  t.ok(Object.isFrozen(owned))
})

t.test('values of another realm are taken', async (t) => {
  const value = foreign('({ list: [1, { a: null }], date: new Date(5), bytes: new Uint8Array([1]), map: new Map([[1, new Set([2])]]) })')
  const owned = mine(value) as { list: unknown[]; date: Date; bytes: Uint8Array; map: Map<number, Set<number>> }
  t.equal(owned.date.getTime(), 5)
  t.throws(() => owned.date.setTime(6), { code: 'FST_ERR_SCS_READONLY' })
  t.throws(() => owned.map.get(1)?.add(3), { code: 'FST_ERR_SCS_READONLY' })
  t.equal(Object.getPrototypeOf(owned.bytes), Uint8Array.prototype)
  t.ok(Object.isFrozen(owned.list[1]))
})

t.test('class instances of another realm are refused', async (t) => {
  for (const code of [
    'new (class A {})()',
    'new (class A extends Map {})()',
    'new (class A extends Date {})(0)',
    'new Error("e")',
    '/r/',
    'new (class A extends Array {})()',
  ]) {
    t.throws(() => mine(foreign(code)), { code: 'FST_ERR_SCS_VALUE', message: /key: it is an instance of a class/ }, code)
  }
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
