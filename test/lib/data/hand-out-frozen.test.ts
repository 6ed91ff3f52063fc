import assert from 'node:assert'
import t from 'tap'
import { freezeAll, handOut, MAX_DEPTH } from '../../../lib/data/values.ts'
import { CART, nested, parsed } from './plain-data.ts'

/** Every array and object of plain data. */
function containers(value: unknown): object[] {
  return typeof value === 'object' && value !== null ? [value, ...Object.values(value).flatMap(containers)] : []
}

t.test('plain data of a payload is frozen deep, where it stands', async (t) => {
  for (const value of [CART, {}, [], { a: { b: [[]] } }, { __proto__: null, a: [1] }, nested(MAX_DEPTH)]) {
    const mine = parsed(value)
    t.equal(handOut(mine, 'key'), mine)
    for (const part of containers(mine)) t.ok(Object.isFrozen(part))
    assert.deepStrictEqual(mine, parsed(value))
  }
})

t.test('no method of Array or Object changes what was frozen', async (t) => {
  const out = handOut(parsed({ list: [3, 1, 2], a: 1 }), 'key') as { list: number[]; a: number }
  const { list } = out
  const changes: readonly (() => unknown)[] = [
    () => Array.prototype.push.call(list, 4),
    () => Array.prototype.pop.call(list),
    () => Array.prototype.shift.call(list),
    () => Array.prototype.unshift.call(list, 4),
    () => Array.prototype.splice.call(list, 0, 1),
    () => Array.prototype.sort.call(list),
    () => Array.prototype.reverse.call(list),
    () => Array.prototype.fill.call(list, 0),
    () => Array.prototype.copyWithin.call(list, 0, 1),
    () => Object.assign(out, { a: 2 }),
    () => Object.defineProperty(out, 'b', { value: 1 }),
    () => Object.setPrototypeOf(out, null),
    () => Reflect.deleteProperty(out, 'a') || assert.fail(new TypeError('it stays')),
    () => Reflect.set(list, 0, 9) || assert.fail(new TypeError('it stays')),
  ]
  for (const change of changes) t.throws(change, TypeError)
  assert.deepStrictEqual(out, { list: [3, 1, 2], a: 1 })
})

t.test('values of plain data are frozen for good, the object that they are in among them', async (t) => {
  const values = { ...(parsed({ cart: CART, text: 'x', none: null }) as object), id: 7n, at: 0 } as Record<string, unknown>
  t.ok(freezeAll(values))
  for (const part of containers(values)) t.ok(Object.isFrozen(part))
  t.throws(() => Object.assign(values, { id: 8n }), TypeError)
  t.ok(freezeAll(values), 'and again')
  t.ok(freezeAll({}))
})

t.test('values with anything that stays open are not frozen for good', async (t) => {
  const open: readonly unknown[] = [new Date(1), new Map(), new Set(), new Uint8Array(1), new (class Account {})(), () => 1, undefined]
  for (const value of open)
    for (const values of [{ value }, { a: 1, value }, { a: [value] }, { a: { b: { value } } }]) {
      t.notOk(freezeAll(values))
      t.notOk(Object.isFrozen(values))
    }
})
