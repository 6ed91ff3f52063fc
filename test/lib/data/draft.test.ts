import assert from 'node:assert'
import t from 'tap'
import { Type } from 'typebox'
import { Draft } from '../../../lib/data/draft.ts'
import { COMPUTED, type Content, valueAt } from '../../../lib/data/record.ts'
import { handOut } from '../../../lib/data/values.ts'
import { settle } from '../../../lib/settings.ts'
import type { ManagerOptions } from '../../../types/options.ts'
import { SpyStore } from '../../support/spy-store.ts'

const DEADLINE = Date.UTC(2030, 0, 1)
const MERGED = { key: 'other', data: new Uint8Array([1]) }

/** What is saved of the application's values. */
function saved(one: Draft, stored: Content, failed = false): Record<string, unknown> {
  return Object.fromEntries(Object.entries(one.compose(stored, failed).values).filter(([key]) => key !== COMPUTED))
}

/** What a session hands out. */
const read = (one: Draft, key: string) => handOut(valueAt(one.values, key), key)

function content(values: Record<string, unknown> = {}) {
  return { deadline: DEADLINE, values }
}

function draft(values: Record<string, unknown> = {}, options: ManagerOptions = {}): Draft {
  return new Draft(settle({ store: new SpyStore(), ...options }), content(values))
}

t.test('a draft reads what is stored until it is changed, and the stored values stay as they were', async (t) => {
  const stored = Object.freeze({ a: 1, b: 2 })
  const one = draft(stored)
  t.notOk(one.isEdited(false))
  t.equal(one.values, stored, 'nothing is copied for a reader')
  one.write('a', 10)
  one.write('c', 3)
  one.write('b', undefined)
  t.strictSame(one.values, { a: 10, c: 3 })
  for (const [key, value] of Object.entries({ a: 10, b: undefined, c: 3 })) t.equal(read(one, key), value)
  t.strictSame(stored, { a: 1, b: 2 })
  t.ok(one.isEdited(false))
})

t.test('nothing is inherited', async (t) => {
  const one = draft({ a: null })
  for (const key of ['constructor', 'toString', 'hasOwnProperty', '__proto__', 'missing']) t.equal(read(one, key), undefined, key)
  t.equal(read(one, 'a'), null)
})

t.test('what is handed out from a payload is closed to changes, and bytes are copies', async (t) => {
  const one = draft({ list: [{ a: 1 }], date: new Date(1), bytes: new Uint8Array([1]), deep: { bytes: new Uint8Array([2]) } })
  for (let i = 0; i < 2; i++) {
    t.throws(() => (read(one, 'list') as unknown[]).push(1), TypeError)
    t.throws(() => (read(one, 'date') as Date).setTime(2), { code: 'FST_ERR_SCS_READONLY' })
    const bytes = read(one, 'bytes') as Uint8Array
    bytes[0] = 99
    const { bytes: inner } = read(one, 'deep') as { bytes: Uint8Array }
    inner[0] = 99
  }
  assert.deepStrictEqual([read(one, 'bytes'), read(one, 'deep')], [new Uint8Array([1]), { bytes: new Uint8Array([2]) }])
  t.notOk(one.isEdited(false), 'reading changes nothing')
})

t.test('a value that was written is the session’s own', async (t) => {
  const one = draft()
  const bytes = new Uint8Array([1])
  const list = [1]
  one.write('bytes', bytes)
  one.write('list', list)
  bytes[0] = 99
  t.throws(() => list.push(2), TypeError)
  t.strictSame(read(one, 'bytes'), new Uint8Array([1]))
  t.equal(read(one, 'list'), list)
})

t.test('a write that is refused changes nothing', async (t) => {
  const one = draft({ a: 1 })
  t.throws(() => one.write('a', () => 1), { code: 'FST_ERR_SCS_VALUE' })
  t.throws(() => one.change('a', () => Symbol('s')), { code: 'FST_ERR_SCS_VALUE' })
  t.throws(
    () =>
      one.change('a', () => {
        throw new Error('mine')
      }),
    { message: 'mine' },
    'the first run of a function throws what it throws',
  )
  t.strictSame(one.values, { a: 1 })
  t.notOk(one.isEdited(false))
})

t.test('a function is run at once, and again on what another request stored', async (t) => {
  const one = draft({ count: 1 })
  const seen: unknown[] = []
  one.change('count', (value) => {
    seen.push(value)
    return Number(value) + 1
  })
  t.equal(read(one, 'count'), 2)
  t.strictSame(saved(one, content({ count: 41 })), { count: 42 })
  t.strictSame(saved(one, one.base), { count: 2 }, 'nobody came between: what the request saw is saved')
  t.strictSame(seen, [1, 41])
})

t.test('two requests that compute the same save different bytes, and others save what they put', async (t) => {
  const counting = [draft({ count: 1 }), draft({ count: 1 })]
  for (const one of counting) one.change('count', (value) => Number(value) + 1)
  for (const stored of [undefined, content({ count: 5 })]) {
    const [mine, other] = counting.map((one) => one.compose(stored ?? one.base, false).values)
    t.strictSame(mine?.['count'], other?.['count'])
    t.notSame(mine, other, 'or a store would take the second for the first one sent again')
  }
  const [first, second] = [draft({ a: 1 }), draft({ a: 1 })]
  for (const one of [first, second]) one.write('a', 2)
  t.strictSame(first.compose(first.base, false).values, { a: 2 })
  t.strictSame(second.compose(content({ a: 5 }), false).values, { a: 2 })
  counting[0]?.retain([])
  t.strictSame(counting[0]?.compose(content({ count: 5 }), false).values, {}, 'what was forgotten computes nothing')
})

t.test('the owner must be a name, or no log-out of that owner would find the session', async (t) => {
  const one = draft({ userId: 'u1' }, { owner: 'userId' })
  for (const value of [null, true, {}, ['u1'], new Date(0)]) {
    t.throws(() => one.write('userId', value), { code: 'FST_ERR_SCS_VALUE', message: /userId: it names the owner/ })
    t.throws(() => one.change('userId', () => value), { code: 'FST_ERR_SCS_VALUE' })
  }
  t.strictSame(one.values, { userId: 'u1' })
  for (const value of ['u2', 7, 7n, undefined]) t.doesNotThrow(() => one.write('userId', value))
  t.doesNotThrow(() => one.write('other', null))
})

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

t.test('a function that returns undefined removes', async (t) => {
  const one = draft({ a: 1, b: 1 })
  one.change('a', () => undefined)
  one.change('missing', () => undefined)
  t.strictSame(one.values, { b: 1 })
  t.strictSame(saved(one, content({ a: 5, c: 1 })), { c: 1 })
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

t.test('the schema is asked for what is written, and for what a function makes, again too', async (t) => {
  const schema = Type.Object({ count: Type.Integer({ maximum: 10 }) })
  const one = draft({ count: 1, older: 'carried' }, { schema })
  t.throws(() => one.write('count', 'x'), { code: 'FST_ERR_SCS_SCHEMA' })
  t.throws(() => one.write('older', 1), { code: 'FST_ERR_SCS_KEY' })
  t.throws(() => one.change('count', () => 11), { code: 'FST_ERR_SCS_SCHEMA' })
  t.notOk(one.isEdited(false))
  one.write('older', undefined)
  one.write('__rememberMe', true)
  one.change('count', (value) => Number(value) + 5)
  t.strictSame(saved(one, content({ count: 5, another: 1 })), { count: 10, another: 1, __rememberMe: true })
  t.throws(() => one.compose(content({ count: 6 }), false), { code: 'FST_ERR_SCS_EDIT', cause: { code: 'FST_ERR_SCS_SCHEMA' } })
})

t.test('a value with more parts than maxBytes is refused', async (t) => {
  t.throws(
    () =>
      draft({}, { maxBytes: 10 }).write(
        'a',
        Array.from({ length: 10 }, () => 1),
      ),
    { code: 'FST_ERR_SCS_VALUE', message: /more than 10 parts/ },
  )
})
