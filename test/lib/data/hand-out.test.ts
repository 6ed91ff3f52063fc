import assert from 'node:assert'
import vm from 'node:vm'
import t from 'tap'
import { handOut, MAX_BIGINT_BITS, MAX_DEPTH, seal, sealStored } from '../../../lib/data/values.ts'
import { looksAt } from '../../support/looks.ts'
import { CART, nested, parsed } from './plain-data.ts'

t.test('a value with parts is walked once, whoever asks for it', async (t) => {
  const shut = Object.freeze(new Date(2))
  const rich = [new Map([['a', [1]]]), new Set([1]), { at: new Date(1) }, [new Uint8Array(1)], shut]
  for (const value of [parsed(CART), ...rich, vm.runInNewContext('({ a: [1] })')]) {
    t.not(
      looksAt(() => handOut(value, 'key')),
      0,
    )
    t.equal(
      looksAt(() => [handOut(value, 'key'), sealStored(value, 'other')]),
      0,
    )
  }
})

t.test('what was put is not walked again when it is handed out, or only once', async (t) => {
  for (const given of [{ a: [1] }, [[]], new Map([[1, new Set([2])]]), { at: new Date(1) }, [new Uint8Array(1)]]) {
    const { value, parts } = seal(given, 'key', 100)
    if (parts === undefined) handOut(value, 'key')
    t.equal(
      looksAt(() => handOut(value, 'key')),
      0,
    )
  }
})

t.test('without bytes it is the same object each time; bytes are new each time, in what holds them too', async (t) => {
  const shut = Object.freeze({ date: Object.freeze(new Date(1)), map: Object.freeze(new Map([[1, 2]])) })
  for (const value of [parsed(CART), new Date(1), new Map([[1, new Date(1)]]), new Set([[1]]), shut, [shut]]) {
    t.equal(handOut(value, 'key'), handOut(value, 'key'))
    const { value: put } = seal(value, 'key', 100)
    t.equal(handOut(put, 'key'), put)
    t.equal(handOut(handOut(value, 'key'), 'key'), handOut(value, 'key'))
  }
  const make = () => ({ list: [new Uint8Array([1])], map: new Map([['k', new Uint8Array([2])]]) })
  const value = make()
  for (let i = 0; i < 2; i++) {
    const out = handOut(value, 'key') as ReturnType<typeof make>
    assert.deepStrictEqual(out, make())
    out.list[0]?.fill(9)
    out.map.get('k')?.fill(9)
    t.ok(Object.isFrozen(out) && Object.isFrozen(out.list))
    t.throws(() => out.map.clear(), { code: 'FST_ERR_SCS_READONLY' })
  }
  const bytes = new Uint8Array([1])
  ;(handOut(bytes, 'key') as Uint8Array).fill(9)
  assert.deepStrictEqual(handOut(bytes, 'key'), new Uint8Array([1]))
})

t.test('the mutators of a Date, a Map and a Set are closed, inside plain data too', async (t) => {
  const value = { list: [1], at: new Date(1), map: new Map([['a', new Set([1])]]) }
  const out = handOut(value, 'key') as typeof value
  for (const change of [() => out.at.setTime(2), () => out.map.set('b', new Set()), () => out.map.get('a')?.add(2)])
    t.throws(change, { code: 'FST_ERR_SCS_READONLY' })
  t.throws(() => out.list.push(2), TypeError)
})

t.test('what has no parts is handed out as it is', async (t) => {
  for (const value of ['', 'text', true, false, 0, -0, 1.5, null, undefined, 7n, -(2n ** 70n)]) t.equal(handOut(value, 'key'), value)
})

t.test('Buffers that a codec decodes to are handed out as the Uint8Arrays that were put', async (t) => {
  class Bytes extends Uint8Array {}
  for (const bytes of [Buffer.from([1, 2]), Bytes.from([1, 2])]) {
    assert.deepStrictEqual(handOut(bytes, 'key'), new Uint8Array([1, 2]))
    assert.deepStrictEqual(handOut({ a: [bytes] }, 'key'), { a: [new Uint8Array([1, 2])] })
    t.equal(sealStored(bytes, 'key').bytes, true)
  }
})

t.test('what no session takes is refused, though a codec decoded it', async (t) => {
  class Account {}
  class List extends Array {}
  const cycle: unknown[] = []
  cycle.push({ cycle })
  const throwing = {
    get a() {
      throw new Error('nobody may look')
    },
  }
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  const table: readonly (readonly [unknown, string, string])[] = [
    [() => 1, 'key', 'it is a function'],
    [Symbol('s'), 'key', 'it is a symbol'],
    [new Account(), 'key', 'it is an instance of a class'],
    [new List(), 'key', 'it is an instance of a class'],
    [{ a: [new Account()] }, 'key.a[0]', 'it is an instance of a class'],
    [{ a: [() => 1] }, 'key.a[0]', 'it is a function'],
    [[undefined], 'key[0]', 'it is undefined'],
    [new Array(1), 'key', 'it has holes'],
    [2n ** BigInt(MAX_BIGINT_BITS), 'key', 'it has more than'],
    [cycle, 'key[0].cycle', 'it contains itself'],
    [nested(MAX_DEPTH + 1), 'key', 'it is nested more than'],
    [throwing, 'key.a', 'it is computed by a getter'],
    [[proxy], 'key[0]', 'it cannot be inspected'],
  ]
  for (const [value, path, rule] of table)
    for (let i = 0; i < 2; i++)
      t.throws(() => handOut(value, 'key'), {
        code: 'FST_ERR_SCS_VALUE',
        message: new RegExp(`at ${path.replace(/[.[\]]/g, '\\$&')}.*: ${rule}`),
      })
})

t.test('a payload may have more parts than a put, and what it lacks is absent', async (t) => {
  const many = Array.from({ length: 100_000 }, () => 0)
  t.equal(sealStored(many, 'key').value, many)
  t.ok(Object.isFrozen(many))
  assert.deepStrictEqual(handOut({ a: undefined, b: 1 }, 'key'), { a: undefined, b: 1 })
  t.equal(sealStored(undefined, 'key').value, undefined)
  t.equal(sealStored(7n, 'key').value, 7n)
})

t.test('values of another realm are handed out, and objects without a prototype', async (t) => {
  for (const value of [vm.runInNewContext('({ a: [1], at: new Date(5) })'), Object.assign(Object.create(null), { a: [1] })]) {
    const out = handOut(value, 'key') as { a: number[] }
    t.equal(out, value)
    t.throws(() => out.a.push(2))
  }
})

t.test('a payload whose part is named __proto__ makes no prototype', async (t) => {
  const value = JSON.parse('{"__proto__":{"admin":true},"a":1}')
  const out = handOut(value, 'key') as Record<string, unknown>
  t.strictSame(Object.keys(out), ['__proto__', 'a'])
  t.ok(Object.isFrozen(Object.getOwnPropertyDescriptor(out, '__proto__')?.value))
  t.equal(out['admin'], undefined)
})
