import assert from 'node:assert'
import t from 'tap'
import { MAX_BIGINT_BITS, MAX_DEPTH, seal } from '../../../lib/data/values.ts'
import { nested } from './nested.ts'

const MANY = 65_535
const mine = (value: unknown): unknown => seal(value, 'key', MANY).value

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
    [Promise.resolve(), 'key', 'it is a Promise: put what it resolves to'],
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

t.test('the message of a refusal ends with the reason', async (t) => {
  t.throws(() => mine({ a: () => 1 }), { message: /^The session cannot keep the value at key\.a: it is a function, and no data\.$/ })
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
  t.doesNotThrow(() => seal([1, 2, 3], 'key', 4))
  t.throws(() => seal([1, 2, 3], 'key', 3), { code: 'FST_ERR_SCS_VALUE', message: /key\[2\]: it has more than 3 parts/ })
  const shared = Array.from({ length: 20 }).reduce<unknown>((below) => [below, below], 1)
  t.throws(() => mine(shared), { code: 'FST_ERR_SCS_VALUE', message: /more than 65535 parts/ }, 'the same part twice counts twice')
})

t.test('the same part in two places is no cycle', async (t) => {
  const part = { a: 1 }
  t.strictSame(mine([part, { part }, new Map([[part, part]])]), [{ a: 1 }, { part: { a: 1 } }, new Map([[{ a: 1 }, { a: 1 }]])])
})
