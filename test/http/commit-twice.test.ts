import t from 'tap'
import { startSite } from './steps.ts'

const MINUTE = 60_000

t.test('a commit() that touches is the touch of the request: the reply makes no other', async (t) => {
  for (const done of [true, false]) {
    const site = await startSite({ idleTimeout: '20m' })
    const token = await site.start({ a: 1 })
    site.clock.advance(2 * MINUTE)
    // What changed meanwhile cannot be touched: that stays to be done.
    if (!done) site.store.inner.touch = () => false
    site.store.take()
    await site.get(token, async (session) => void (await session.commit()))
    t.strictSame(site.store.take(), done ? ['find', 'touch'] : ['find', 'touch', 'touch'])
  }
})

t.test('a commit() that mends the owner is the mending of the request', async (t) => {
  for (const done of [true, false]) {
    const site = await startSite({ owner: 'user' })
    const token = await site.start({ user: 'ann' })
    const { inner } = site.store
    const find = inner.find.bind(inner)
    inner.find = async (...call) => {
      const found = await find(...call)
      return found && { ...found, owner: 'bob' }
    }
    if (!done) inner.update = () => false
    site.store.take()
    await site.get(token, async (session) => {
      session.get('user')
      await session.commit()
    })
    t.strictSame(site.store.take(), done ? ['find', 'update'] : ['find', 'update', 'update'])
  }
})
