import t from 'tap'
import { MemoryStore } from '../../index.ts'
import { cookieOf } from '../support/app.ts'
import { fakeClock } from '../support/clock.ts'
import { type Handler, startSite } from './steps.ts'

t.test('TestPut, TestGet, TestExists, TestKeys, TestPop, TestRemove, TestClear and TestStatus', async (t) => {
  const site = await startSite()
  const token = await site.start({ foo: 'bar', baz: 'boz' })
  const cases: [string, Handler, string][] = [
    ['put', (session) => session.put('foo', 'new'), 'modified'],
    // SCS calls it modified: a page that reads a message and writes back what is left would write on each view.
    ['put of the same value', (session) => session.put('foo', 'bar'), 'unmodified'],
    ['get', (session) => t.equal(session.get('foo'), 'bar'), 'unmodified'],
    [
      'get of nothing',
      (session) => t.strictSame([session.get('no'), session.get('no', 'fallback')], [undefined, 'fallback']),
      'unmodified',
    ],
    ['exists', (session) => t.strictSame([session.exists('foo'), session.exists('no')], [true, false]), 'unmodified'],
    ['keys, sorted', (session) => t.strictSame(session.keys(), ['baz', 'foo']), 'unmodified'],
    ['pop', (session) => t.strictSame([session.pop('foo'), session.get('foo')], ['bar', undefined]), 'modified'],
    ['pop of nothing', (session) => t.equal(session.pop('no'), undefined), 'unmodified'],
    ['remove', (session) => t.strictSame([session.remove('foo'), session.exists('foo')], [undefined, false]), 'modified'],
    ['remove of nothing', (session) => session.remove('no'), 'unmodified'],
    ['clear', (session) => t.strictSame([session.clear(), session.keys()], [undefined, []]), 'modified'],
    ['renewToken', (session) => session.renewToken(), 'modified'],
    ['setDeadline', (session) => session.setDeadline(session.deadline), 'modified'],
    ['rememberMe', (session) => session.rememberMe(false), 'modified'],
    ['destroy', (session) => session.destroy(), 'destroyed'],
  ]
  for (const [name, handler, status] of cases) {
    await site.post(token, async (session, request, reply) => {
      t.equal(session.status, 'unmodified', name)
      await handler(session, request, reply)
      t.equal(session.status, status, name)
      throw new Error('so that nothing is saved')
    })
  }
})

t.test('an empty session that is cleared is unmodified; null is a value that exists and can be popped', async (t) => {
  const site = await startSite()
  await site.post(await site.start({}), (session) => {
    session.clear()
    t.equal(session.status, 'unmodified')
    session.put('nil', null)
    t.ok(session.exists('nil'))
    t.equal(session.get('nil', 'fallback'), null)
    t.equal(session.pop('nil'), null)
    t.notOk(session.exists('nil'))
  })
})

t.test('TestClear: clear keeps the token and the deadline, and stays cleared', async (t) => {
  const site = await startSite()
  const token = await site.start({ foo: 'bar' })
  await site.post(token, (session) => {
    const { deadline } = session
    session.clear()
    t.strictSame([session.deadline, session.token], [deadline, token])
  })
  t.strictSame(await site.stored(token), {})
  t.strictSame((await site.get(token, (session) => ({ new: session.isNew }))).json(), { new: false })
})

t.test('TestGet and TestPop of strings, booleans, numbers, bytes and times', async (t) => {
  const values = { text: 'x', yes: true, int: 7, float: 1.5, bytes: new Uint8Array([1, 255]), time: new Date(1_700_000_000_123) }
  const site = await startSite()
  const token = cookieOf(
    await site.post(undefined, (session) => {
      for (const [key, value] of Object.entries(values)) session.put(key, value)
    }),
  )
  await site.get(token, (session) => t.strictSame(session.data(), values))
  for (const [key, value] of Object.entries(values)) {
    await site.post(token, (session) => {
      t.strictSame(session.pop(key), value)
      t.strictSame([session.pop(key), session.exists(key)], [undefined, false])
    })
  }
  t.strictSame((await site.get(token)).json(), {})
})

t.test('memstore: find, missing, new, updated, expired, deleted, cleaned up', async (t) => {
  const clock = fakeClock()
  const store = new MemoryStore({ clock })
  const data = Buffer.from('first')
  const expiresAt = clock() + 100
  t.equal(store.find('missing'), undefined)
  t.ok(store.create('key', { data, expiresAt }))
  t.strictSame(Buffer.from(store.find('key')?.data ?? []), data)
  t.ok(store.update('key', data, { data: Buffer.from('second'), expiresAt: expiresAt + 1 }))
  t.strictSame(store.find('key')?.expiresAt, expiresAt + 1)
  t.equal(Buffer.from(store.find('key')?.data ?? []).toString(), 'second')
  clock.advance(101)
  t.equal(store.find('key'), undefined)
  t.equal(store.deleteExpired(10), 1)
  t.ok(store.create('key', { data, expiresAt: clock() + 1 }))
  t.ok(store.delete('key'))
  t.equal(store.find('key'), undefined)
  t.notOk(store.delete('key'), 'deleting nothing is no error')
})
