import t from 'tap'
import { MemoryStore } from '../../index.ts'
import { makeRenewalRecord } from '../../lib/data/renewal-record.ts'
import { Lifecycle } from '../../lib/lifecycle.ts'
import { settle } from '../../lib/settings.ts'
import { hashToken, newToken } from '../../lib/token.ts'
import { fakeClock } from '../support/clock.ts'
import { SpyStore } from '../support/spy-store.ts'

function makeLifecycle() {
  const clock = fakeClock()
  const store = new SpyStore('sync', new MemoryStore({ clock }))
  const lifecycle = new Lifecycle(settle({ store, clock }))
  const key = () => hashToken(newToken())
  const live = (name: string) => store.inner.create(name, { data: Buffer.from('{}'), expiresAt: clock() + 1000 })
  /** As if a session had been renewed. */
  const moved = (from: string, to: string) => {
    const trace = makeRenewalRecord(lifecycle.settings, from, to, clock())
    return store.inner.create(trace.key, trace.record)
  }
  return { store, lifecycle, key, live, moved }
}

t.test('to end a session says whether one lived, wherever renewals had moved it', async (t) => {
  const { lifecycle, key, live, moved } = makeLifecycle()
  const [first, second, third] = [key(), key(), key()]
  await live(first)
  t.equal(await lifecycle.endings.endKey(first), true)
  t.equal(await lifecycle.endings.endKey(first), false, 'it is gone')
  await moved(first, second)
  await moved(second, third)
  await live(third)
  t.equal(await lifecycle.endings.endKey(first), true, 'what it became')
  t.equal(await lifecycle.endings.endKey(first), false, 'with its traces')
})

t.test('a session is followed through sixteen renewals and no further, so that traces in a circle end', async (t) => {
  const { lifecycle, key, store, moved } = makeLifecycle()
  const [first, second] = [key(), key()]
  await moved(first, second)
  await moved(second, first)
  t.equal(await lifecycle.endings.endKey(first), false)
  t.equal(store.take().filter((verb) => verb === 'find').length, 17)
})

t.test('a trace is looked up without its expiry, which would cost some stores a second command', async (t) => {
  const { lifecycle, key, store } = makeLifecycle()
  const wants: unknown[] = []
  const { inner } = store
  const find = inner.find.bind(inner)
  inner.find = (name, want) => {
    wants.push(want)
    return find(name, want)
  }
  t.equal(await lifecycle.endings.endKey(key()), false)
  t.strictSame(wants, [{ expiry: false }])
})
