import t from 'tap'
import { encodeSession } from '../../../lib/codecs/gob/session.ts'
import type { GoType, Note } from '../../../lib/codecs/gob/types.ts'
import { BUILT_IN } from '../../../lib/codecs/gob/types.ts'
import { goType } from '../../../lib/codecs/gob.ts'
import { handOut, sealTyped } from '../../../lib/data/values.ts'
import { GoJudge } from '../../support/go.ts'
import type { Typed } from '../../support/go-values.ts'
import { AT, codec } from './gob-pieces.ts'

const judge = await GoJudge.start()
t.teardown(() => judge.close())

const put = (value: unknown, type?: unknown) => sealTyped(codec, 'key', value, 65_535, type)

/** The payload of a session with one value. */
const payloadOf = ({ value, type }: { value: unknown; type: unknown }) =>
  codec.encode(AT, { key: value }, { keys: new Map([['key', type]]) })

/** What Go has after a value that was read was changed. Go itself would write the keys of a map in any order. */
async function changed<T>(written: Uint8Array, change: (value: T) => unknown): Promise<Typed> {
  const { values, types } = codec.decode(written)
  const { values: after, error: refused } = await judge.echo(
    payloadOf(put(change(handOut(values['key'], 'key') as T), types?.keys.get('key'))),
  )
  if (after === undefined) throw new Error(refused)
  return after['key'] as Typed
}

type List = readonly unknown[]
type Change = (list: List) => List

const typesOf = (list: Typed | undefined) => ((list as { value: readonly Typed[] }).value ?? []).map((part) => part?.go)

/** The types of the elements of a list after a change. */
async function typesAfter(list: List, change: Change): Promise<readonly (string | undefined)[]> {
  const after = await changed(payloadOf(put(goType('[]any', list))), change)
  t.equal(after?.go, '[]interface {}')
  return typesOf(after)
}

const mixed = [goType('int64', 7), 'x', goType('float64', 3), goType('main.Level uint8', 2)]
const [long, text, float, level, int] = ['int64', 'string', 'float64', 'main.Level', 'int']

t.test('an element keeps its Go type wherever it is in its list, and no other takes it', async (t) => {
  const table: readonly (readonly [Change, readonly (string | undefined)[]])[] = [
    [(list) => list, [long, text, float, level]],
    [(list) => list.slice(1), [text, float, level]],
    [(list) => list.slice(0, -1), [long, text, float]],
    [(list) => list.filter((_, i) => i % 2 === 0), [long, float]],
    [(list) => [...list, 9], [long, text, float, level, int]],
    [(list) => [9, ...list], [int, long, text, float, level]],
    [(list) => [...list.slice(1), 9], [text, float, level, int]],
    [(list) => list.toReversed(), [level, float, text, long]],
    [(list) => [list[1], list[0], ...list.slice(2)], [text, long, float, level]],
    [(list) => [list[0], 9, ...list.slice(1)], [long, int, text, float, level]],
  ]
  for (const [change, expected] of table) t.same(await typesAfter(mixed, change), expected, String(change))
})

t.test('an element that replaces another takes its type while it fits', async (t) => {
  const table: readonly (readonly [Change, readonly string[]])[] = [
    [(list) => list.with(0, 8), [long, text, float, level]],
    [(list) => list.map((part) => (typeof part === 'number' ? part + 1 : part)), [long, text, float, level]],
    [(list) => list.with(3, 'y'), [long, text, float, text]],
    [(list) => [...list.with(2, 4), 9], [long, text, float, level, int]],
    [(list) => list.slice(1).with(1, 4), [text, int, level]],
  ]
  for (const [change, expected] of table) t.same(await typesAfter(mixed, change), expected, String(change))
  t.same(await typesAfter([goType('int64', 1), goType('float64', 2)], () => [2, 2]), [long, float], 'also by one that is equal to a third')
})

t.test('equal elements are told apart by their order, while it can be told', async (t) => {
  const equal = [goType('int64', 5), goType('float64', 5), 'x', goType('float64', 1), goType('float64', 1)]
  t.same(await typesAfter(equal, ([a, b, x]) => [x, a, b]), [text, long, float])
  t.same(await typesAfter(equal, ([a]) => [a]), [int])
  t.same(await typesAfter(equal, (list) => list.slice(2, 4)), [text, float])
})

t.test('of a list whose elements have one type another object takes it, if it fits', async (t) => {
  const levels = [goType('main.Level uint8', 1), goType('main.Level uint8', 2)]
  t.same(await typesAfter(levels, (list) => [...list, 256]), [level, level, int], 'a number might have no room')
  const points = [1, 2].map((X) => goType('main.Point struct { X int; Y int }', { X }))
  const point = 'main.Point'
  t.same(await typesAfter(points, (list) => list.slice(1).map((each) => ({ ...(each as object), Y: 5 }))), [point])
  t.same(await typesAfter(points, (list) => [...list, { Y: 5 }, { Z: 5 }]), [point, point, point, 'map[string]interface {}'])
  t.same(await typesAfter([...points, 'x'], () => [{ Y: 5 }]), ['map[string]interface {}'])
})

t.test('objects with bytes, which a session hands out as copies, keep their types where others come or go', async (t) => {
  const [user, square, blob] = ['main.User', 'main.Square', 'main.Blob']
  const list = [
    goType(`${user} struct { Name string }`, { Name: 'ann' }),
    goType(`${square} struct { Side float64 }`, { Side: 1.5 }),
    goType(`${blob} []uint8`, new Uint8Array([1])),
    goType('int64', 5),
  ]
  const table: readonly (readonly [Change, readonly (string | undefined)[]])[] = [
    [(list) => list.slice(0, -1), [user, square, blob]],
    [(list) => list.slice(1), [square, blob, long]],
    [(list) => list.filter((_, i) => i !== 1), [user, blob, long]],
    [(list) => [...list, 9], [user, square, blob, long, int]],
    [(list) => [9, ...list], [int, user, square, blob, long]],
    [(list) => list.with(3, 6), [user, square, blob, long]],
  ]
  for (const [change, expected] of table) t.same(await typesAfter(list, change), expected, String(change))
})

t.test('a list that is changed twice is changed as if it had been read between', async (t) => {
  const { value, type } = put(
    goType(
      '[]any',
      [1, 2, 3].map((n) => goType('int64', n)),
    ),
  )
  const once = put((value as List).with(0, 10), type)
  const [first, ...others] = once.value as List
  const twice = put([...others, first], once.type)
  t.same(typesOf((await judge.echo(payloadOf(twice))).values?.['key']), [long, long, long])
  t.equal(put([1, 2, 3], type).type, type, 'to put an equal one is no change')
})

t.test('a list that loses its own type keeps those of its elements', async (t) => {
  const { value, type } = put(goType('[2]interface {}', [goType('int8', 1), 'x']))
  const longer = put([...(value as List), 2], type)
  const after = (await judge.echo(payloadOf(longer))).values?.['key']
  t.same(typesOf(after), ['int8', 'string', 'int'])
  const without = (await judge.echo(payloadOf(put(['x'], type)))).values?.['key']
  t.equal(without?.go, '[]string')
})

t.test('a string that is no UTF-8 keeps its bytes where it moves, and never has those of another', async (t) => {
  const written = (...strings: readonly string[]) => {
    const payload = Buffer.from(payloadOf(put(strings)))
    for (const [from, to] of [
      ['AA', 'ffff'],
      ['BB', 'fefe'],
      ['CCC', 'fdfdfd'],
    ] as const) {
      const at = payload.lastIndexOf(from)
      if (at > 0) payload.set(Buffer.from(to, 'hex'), at)
    }
    return payload
  }
  const table: readonly (readonly [readonly string[], Change, string])[] = [
    [['AA', 'CCC'], (list) => list.slice(1), 'fdfdfd'],
    [['AA', 'CCC'], (list) => list.toReversed(), 'fdfdfdffff'],
    [['AA', 'BB'], (list) => [...list, 'x'], 'fffffefe78'],
    [['AA', 'BB'], (list) => list.slice(1), 'efbfbdefbfbd'],
  ]
  for (const [strings, change, expected] of table) {
    const { values, types } = codec.decode(written(...strings))
    const again = Buffer.from(payloadOf(put(change(values['key'] as List), types?.keys.get('key'))))
    const { values: after } = codec.decode(again)
    const held = again.subarray(again.lastIndexOf('[]string')).toString('hex')
    t.match(held.replaceAll(/0[1236]/g, ''), expected, `${strings} ${String(change)}`)
    t.equal((after['key'] as List).length, change(strings).length)
  }
})

t.test('a key of a map, and the value under it, keep their Go types when others go', async (t) => {
  const map = new Map<unknown, unknown>([
    [goType('int8', 1), goType('int64', 7)],
    [goType('float64', 2), goType('float64', 3)],
  ])
  const without = (kept: unknown) => (read: ReadonlyMap<unknown, unknown>) => new Map([...read].filter(([key]) => key === kept))
  const typed = payloadOf(put(goType('map[interface {}]interface {}', map)))
  t.same((await changed(typed, without(2)))?.value, [
    [
      { go: 'float64', value: 2 },
      { go: 'float64', value: 3 },
    ],
  ])
})

t.test('the fields of a struct are looked up by name, however many there are', (t) => {
  let asked = 0
  const { type: int } = BUILT_IN.get('int') as { type: GoType }
  const fields = Array.from({ length: 500 }, (_, i) => ({
    get name() {
      asked++
      return `F${i}`
    },
    type: int,
  }))
  const note: Note = { name: 'main.Big', type: { kind: 'struct', name: 'Big', fields } }
  const big = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`F${499 - i}`, i + 1]))
  const session = {
    keys: new Map([
      ['all', note],
      ['few', note],
      ['none', note],
    ]),
  }
  const payload = encodeSession(AT, { all: big, few: { F7: 1, F3: 2 }, none: { G: 1 } }, session)
  t.ok(asked < 5000, `asked ${asked} times`)
  t.same(codec.decode(payload).values, { all: big, few: { F7: 1, F3: 2 }, none: { G: 1 } })
  t.end()
})
