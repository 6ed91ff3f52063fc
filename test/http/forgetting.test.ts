import t from 'tap'
import { SessionManager } from '../../lib/manager.ts'
import { cookieOf } from '../support/app.ts'
import { type Site, startSite } from './steps.ts'

// What was seen lately is kept for speed. Once the store says that a session is gone, its token and values are not.

function isKnown({ app }: Site, token: string): boolean {
  const { tokenCache } = SessionManager.lifecycleOf(app.sessions).settings
  return (tokenCache.of(token) ?? tokenCache.ofHeader(`session=${token}`)) !== undefined
}

/** A session that a request has read. */
async function readSession(site: Site): Promise<string> {
  const token = await site.start({ user: 'ann' })
  await site.get(token)
  return token
}

t.test('a session that was read is known, and forgotten when it ends, is renewed, or the store has it no more', async (t) => {
  const site = await startSite({ owner: 'user', lifetime: '1h' })
  const ways: Record<string, (token: string) => Promise<unknown>> = {
    destroy: (token) => site.post(token, (session) => session.destroy()),
    renewToken: async (token) => {
      const renewed = cookieOf(await site.post(token, (session) => session.renewToken())) ?? ''
      t.equal((await site.get(renewed)).json().user, 'ann')
    },
    'destroyOwnedBy, and a visit': async (token) => {
      await site.app.sessions.destroyOwnedBy('ann')
      await site.get(token)
    },
    'expiry, and a visit': async (token) => {
      site.clock.advance(3_600_000)
      await site.get(token)
    },
  }
  for (const [way, end] of Object.entries(ways)) {
    const token = await readSession(site)
    t.ok(isKnown(site, token), way)
    await end(token)
    t.notOk(isKnown(site, token), way)
  }
})

t.test('one whose bytes are no session any more is forgotten', async (t) => {
  const site = await startSite()
  const token = await readSession(site)
  const { inner } = site.store
  const find = inner.find.bind(inner)
  inner.find = async (key, want) => {
    const found = await find(key, want)
    return found && { ...found, data: Buffer.from('{') }
  }
  await site.get(token)
  t.notOk(isKnown(site, token))
})
