import assert from 'node:assert'
import t from 'tap'
import { Type } from 'typebox'
import { content, draft, read, saved } from './drafts.ts'

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

t.test('the owner must be a name, or no logout of that owner would find the session', async (t) => {
  const one = draft({ userId: 'u1' }, { owner: 'userId' })
  for (const value of [null, true, {}, ['u1'], new Date(0)]) {
    t.throws(() => one.write('userId', value), { code: 'FST_ERR_SCS_VALUE', message: /userId: it names the owner/ })
    t.throws(() => one.change('userId', () => value), { code: 'FST_ERR_SCS_VALUE' })
  }
  t.strictSame(one.values, { userId: 'u1' })
  for (const value of ['u2', 7, 7n, undefined]) t.doesNotThrow(() => one.write('userId', value))
  t.doesNotThrow(() => one.write('other', null))
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
