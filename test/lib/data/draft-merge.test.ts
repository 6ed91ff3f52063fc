import t from 'tap'
import { content, DEADLINE, draft, MERGED, saved } from './drafts.ts'

t.test('a function gets what the session hands out, and its result is owned', async (t) => {
  const one = draft({ list: [1] })
  const given: unknown[] = []
  one.change('list', (value) => {
    given.push(value)
    return [...(value as number[]), 2]
  })
  one.compose(content({ list: [7] }), false)
  for (const list of given) t.ok(Object.isFrozen(list))
  t.strictSame(given, [[1], [7]])
  const { list } = saved(one, content({ list: [8] })) as { list: number[] }
  t.ok(Object.isFrozen(list))
  t.strictSame(list, [8, 2])
})

t.test('a function that returns undefined must not remove a value, and leaves none where there is none', async (t) => {
  const one = draft({ a: 1, b: 1 })
  t.throws(() => one.change('a', () => undefined), { code: 'FST_ERR_SCS_VALUE', message: /the function of update\(\) returned none/ })
  one.change('missing', () => undefined)
  t.strictSame(one.values, { a: 1, b: 1 })
  t.strictSame(saved(one, content({ a: 5, c: 1 })), { a: 5, c: 1 })
})

t.test('when another request changed the session, different keys both win and on one key this one does', async (t) => {
  const one = draft({ a: 1, b: 1 })
  one.write('a', 'mine')
  one.write('new', 'mine')
  t.strictSame(saved(one, content({ a: 'other', b: 'other', more: 1 })), { a: 'mine', b: 'other', more: 1, new: 'mine' })
})

t.test('clear removes whatever the session holds when it is saved', async (t) => {
  const one = draft({ a: 1 })
  one.clear()
  t.strictSame(one.values, {})
  one.write('b', 2)
  t.strictSame(one.values, { b: 2 })
  t.strictSame(saved(one, content({ a: 5, c: 5 })), { b: 2 })
})

t.test('retain keeps the named keys, of what is stored and of what this request did', async (t) => {
  const one = draft({ a: 1, b: 2 })
  one.write('c', 3)
  one.write('d', 4)
  one.retain(['a', 'c', 'missing'])
  t.strictSame(one.values, { a: 1, c: 3 })
  t.strictSame(saved(one, content({ a: 'other', b: 'other', d: 'other' })), { a: 'other', c: 3 })
  one.write('b', 'after')
  t.strictSame(saved(one, content({ a: 'other', b: 'other' })), { a: 'other', b: 'after', c: 3 })
})

t.test('a second retain brings back nothing that the first one dropped', async (t) => {
  const one = draft({ a: 1, b: 2, c: 3 })
  one.retain(['a', 'c'])
  one.write('b', 'new')
  one.retain(['a', 'b'])
  t.strictSame(one.values, { a: 1, b: 'new' })
  t.strictSame(saved(one, content({ a: 5, b: 5, c: 5 })), { a: 5, b: 'new' })
  one.retain(['b'])
  t.strictSame(saved(one, content({ a: 5, b: 5, c: 5 })), { b: 'new' })
})

t.test('what the first retain dropped stays dropped, whatever another request stores there', async (t) => {
  const one = draft({ a: 1, b: 2 })
  one.retain(['a'])
  one.retain(['a', 'b'])
  for (const failed of [false, true]) t.strictSame(one.compose(content({ a: 5, b: 5 }), failed).values, { a: 5 })
})

t.test('of a failed request no edit holds, but what retain removed stays removed', async (t) => {
  const one = draft({ a: 1, b: 2 })
  one.write('a', 'edited')
  one.setDeadline(1)
  t.ok(one.isEdited(false))
  t.notOk(one.isEdited(true))
  t.strictSame(saved(one, one.base, true), { a: 1, b: 2 })
  one.retain(['a'])
  t.ok(one.isEdited(true))
  t.strictSame(saved(one, one.base, true), { a: 1 })
  t.strictSame(saved(one, content({ a: 'other', b: 'other' }), true), { a: 'other' })
})

t.test('another session’s content wins, and so does the later deadline', async (t) => {
  for (const [deadline, wanted] of [
    [DEADLINE + 1, DEADLINE + 1],
    [DEADLINE, DEADLINE],
    [DEADLINE - 1, DEADLINE],
  ] as const) {
    const one = draft({ a: 1, b: 1 })
    one.absorb({ deadline, values: { b: 'other', c: [1], __rememberMe: true } }, MERGED)
    t.strictSame(one.values, { a: 1, b: 'other', c: [1], __rememberMe: true })
    t.strictSame(saved(one, content({ a: 2, b: 2 })), { a: 2, b: 'other', c: [1], __rememberMe: true })
    t.equal(one.compose(one.base, false).deadline, wanted)
    t.strictSame(one.merged, [MERGED])
  }
})

t.test('a payload with a key __proto__ makes no prototype', async (t) => {
  const hostile: Record<string, unknown> = JSON.parse('{"__proto__":{"admin":true},"a":1}')
  const absorbing = draft()
  absorbing.absorb(content(hostile), MERGED)
  const composing = draft(hostile)
  composing.write('b', 2)
  for (const values of [
    absorbing.values,
    absorbing.compose(content(), false).values,
    composing.values,
    composing.compose(content(hostile), false).values,
  ]) {
    t.equal(Object.getPrototypeOf(values), Object.prototype)
    t.equal(values['admin'], undefined)
    t.equal(values['a'], 1)
  }
})
