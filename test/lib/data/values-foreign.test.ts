import vm from 'node:vm'
import t from 'tap'
import { freshBytes } from '../../../lib/data/readonly.ts'
import { seal } from '../../../lib/data/values.ts'

const MANY = 65_535
const mine = (value: unknown): unknown => seal(value, 'key', MANY).value

/** A value of another realm, as a worker or a test runner hands it over. */
const foreign = (code: string): unknown => vm.runInNewContext(code)

/** An object with `__proto__` as a key like any other. */
const withProtoKey = (value: unknown): object => JSON.parse(`{"__proto__":${JSON.stringify(value)}}`)

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
    t.match(error, { code: 'FST_ERR_SCS_VALUE', message: `The session cannot keep the value at ${path}: it cannot be inspected` })
    if (expected !== undefined) t.equal((error as Error).cause, expected)
  }
  t.strictSame(mine(new Proxy({ a: 1 }, {})), { a: 1 }, 'one that hides nothing is taken')
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
  const { value: owned } = seal(value, 'key', MANY)
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
