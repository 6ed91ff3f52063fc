import t from 'tap'
import { type Handler, startSite } from './steps.ts'

const MINUTE = 60_000

t.test('a save on a route with touch: false does not end a session that was prolonged while it ran', async (t) => {
  const site = await startSite({ idleTimeout: '20m' })
  const token = await site.start({ user: 'ann' })
  site.clock.advance(19 * MINUTE)
  const poll: Handler = async (session) => {
    await site.get(token)
    site.clock.advance(2 * MINUTE)
    session.put('polls', 1)
  }
  t.equal((await site.send('GET', token, poll, { url: '/quiet' })).statusCode, 200)
  t.strictSame((await site.get(token)).json(), { user: 'ann', polls: 1 })
})
