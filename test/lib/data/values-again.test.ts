import t from 'tap'
import { MAX_DEPTH, seal } from '../../../lib/data/values.ts'
import { looksAt } from '../../support/looks.ts'
import { nested } from './nested.ts'

const MANY = 65_535
const mine = (value: unknown): unknown => seal(value, 'key', MANY).value

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
      looksAt(() => seal(value, 'key', MANY)),
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
        looksAt(() => seal(again, 'key', MANY)),
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
  seal(list, 'key', 4)
  t.throws(() => seal(list, 'key', 3), { code: 'FST_ERR_SCS_VALUE', message: /more than 3 parts/ })
  const deep = nested(MAX_DEPTH)
  mine(deep)
  t.throws(() => mine([deep]), { code: 'FST_ERR_SCS_VALUE', message: /nested more than/ })
})
