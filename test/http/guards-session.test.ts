import t from 'tap'
import { hashToken, newToken } from '../../lib/token.ts'
import { startSite } from './steps.ts'

// What a session shows of itself.

const MINUTE = 60_000

t.test('a session that cannot be read is new, looked at or not', async (t) => {
  const site = await startSite()
  const token = newToken()
  await site.store.inner.create(hashToken(token), { data: Buffer.from('{'), expiresAt: site.clock() + MINUTE })
  await site.get(token, (session) => t.ok(session.isNew))
})

t.test('what the library keeps in a session is hidden, however it is asked for', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  await site.post(token, (session) => session.rememberMe(true))
  t.strictSame(await site.stored(token), { user: 'ann', __rememberMe: true })
  await site.get(token, (session) => {
    const key = '__rememberMe' as never
    t.strictSame([session.get(key), session.exists(key)], [undefined, false])
    t.equal(session.pop(key), undefined)
    t.strictSame([session.keys(), session.data()], [['user'], { user: 'ann' }])
  })
})
