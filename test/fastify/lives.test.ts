import { channel } from 'node:diagnostics_channel'
import t, { type Test } from 'tap'
import type { ScsOptions, SessionMessage } from '../../index.ts'
import { MemoryStore } from '../../index.ts'
import { keyOf, publicId } from '../../lib/token.ts'
import { cookieOf, makeApp } from '../support/app.ts'
import { fakeClock } from '../support/clock.ts'
import { SpyStore } from '../support/spy-store.ts'

const idOf = (token: string | undefined) => publicId(keyOf({ hashToken: true }, token ?? ''))

/** Listens to the lives of sessions until the test ends. `take` gives what was published since. */
function listen(t: Test): { take(): SessionMessage[]; all: string[] } {
  const seen: SessionMessage[] = []
  const all: string[] = []
  const note = (message: unknown) => {
    seen.push(message as SessionMessage)
    all.push(JSON.stringify(message))
  }
  channel('scs:session').subscribe(note)
  t.teardown(() => channel('scs:session').unsubscribe(note))
  return { take: () => seen.splice(0), all }
}

async function start(t: Test, options: ScsOptions = {}) {
  const clock = fakeClock()
  const store = new SpyStore('async', new MemoryStore({ clock }))
  const made = await makeApp({ store, clock, owner: 'user', cookie: { name: 'sid' }, ...options }, (app) => {
    app.post<{ Querystring: { user: string } }>('/login', async ({ session, query }) => {
      session.renewToken()
      session.put('user', query.user)
    })
    app.post('/logout', async ({ session }) => session.destroy())
    app.post('/put', async ({ session }) => session.put('a', 1))
    app.post('/over', async ({ session }) => session.setDeadline(new Date(0)))
    app.post<{ Querystring: { token: string } }>('/merge', async ({ session, query }) => session.mergeSession(query.token))
  })
  const { app } = made
  const send = async (url: string, token?: string) =>
    await app.inject({ method: 'POST', url, ...(token === undefined ? {} : { cookies: { sid: token } }) })
  const login = async (user: string, token?: string) => cookieOf(await send(`/login?user=${user}`, token), 'sid') ?? ''
  return { ...made, ...listen(t), clock, store, send, login }
}

const about = (token: string, owner: string | undefined) => ({ cookie: 'sid', id: idOf(token), owner })

t.test('a login, a renewal and a logout are told with id and owner, and without a token or a key', async (t) => {
  const { take, all, send, login } = await start(t)
  const first = await login('ann')
  t.strictSame(take(), [{ ...about(first, 'ann'), event: 'created' }])
  const second = await login('bob', first)
  t.strictSame(take(), [{ ...about(second, 'bob'), event: 'renewed', previousId: idOf(first) }])
  await send('/put', second)
  t.strictSame(take(), [], 'a change is none')
  await send('/logout', second)
  t.strictSame(take(), [{ ...about(second, 'bob'), event: 'ended', reason: 'destroyed', count: 1 }])
  await send('/logout', second)
  t.strictSame(take(), [], 'it had ended')
  for (const token of [first, second]) t.notOk(all.some((text) => text.includes(token) || text.includes(keyOf({ hashToken: true }, token))))
})

t.test('what a manager does is told too', async (t) => {
  const { app, take } = await start(t)
  const { token, id } = await app.sessions.create({ user: 'ann' })
  t.strictSame(take(), [{ ...about(token, 'ann'), event: 'created' }])
  await app.sessions.destroy(id)
  t.strictSame(take(), [{ ...about(token, 'ann'), event: 'ended', reason: 'destroyed', count: 1 }])
  for (let i = 0; i < 2; i++) await app.sessions.create({ user: 'ann' })
  take()
  await app.sessions.destroyOwnedBy('ann')
  await app.sessions.destroyOwnedBy('ann')
  t.strictSame(take(), [{ cookie: 'sid', id: undefined, owner: 'ann', event: 'ended', reason: 'destroyed', count: 2 }])
})

t.test('why a session ended', async (t) => {
  const { app, take, send, login, clock, store } = await start(t, { lifetime: '1h' })
  const [over, into, merged] = [await login('ann'), await login('bob'), await login('cat')]
  take()
  await send('/over', over)
  t.strictSame(take(), [{ ...about(over, 'ann'), event: 'ended', reason: 'deadline', count: 1 }])
  await send(`/merge?token=${merged}`, into)
  t.strictSame(take(), [{ ...about(merged, 'cat'), event: 'ended', reason: 'merged', count: 1 }])
  const other = await login('dan')
  take()
  const twice = await app.inject({ method: 'POST', url: '/login?user=eve', headers: { cookie: `sid=${into}; sid=${other}` } })
  const eve = cookieOf(twice, 'sid') ?? ''
  const ended = [into, other].map((token) => ({ ...about(token, undefined), event: 'ended', reason: 'superseded', count: 1 }))
  t.strictSame(take(), [...ended, { ...about(eve, 'eve'), event: 'created' }])
  const [late, junk] = [await login('fay'), await login('gus')]
  take()
  const far = clock() + 10 * 3_600_000
  const key = (token: string) => keyOf({ hashToken: true }, token)
  await store.inner.delete(key(late))
  await store.inner.create(key(late), { data: Buffer.from(`{"deadline":${clock() - 1},"values":{}}`), expiresAt: far })
  await store.inner.delete(key(junk))
  await store.inner.create(key(junk), { data: Buffer.from('{"deadline":1junk'), expiresAt: far })
  const anew = cookieOf(await send('/put', late), 'sid') ?? ''
  t.strictSame(take(), [
    { ...about(anew, undefined), event: 'created' },
    { ...about(late, undefined), event: 'ended', reason: 'deadline', count: 1 },
  ])
  await send('/put', junk)
  t.match(take(), [{ event: 'created' }, { ...about(junk, undefined), event: 'ended', reason: 'unreadable', count: 1 }])
})

t.test('a request whose changes are refused is told with the reason', async (t) => {
  const { app, take, send, login, clock, store } = await start(t)
  const token = await login('ann')
  take()
  store.gate = (verb) => (verb === 'update' ? ending() : undefined)
  const ending = () => {
    store.gate = undefined
    return app.sessions.destroyOwnedBy('ann').then(() => {})
  }
  t.equal((await send('/put', token)).statusCode, 409)
  t.match(take(), [{ event: 'ended' }, { ...about(token, 'ann'), event: 'refused', reason: 'superseded' }])
  const again = await login('ann')
  take()
  store.inner.update = () => {
    clock.advance(10_000)
    return false
  }
  t.equal((await send('/put', again)).json().code, 'FST_ERR_SCS_CONFLICT')
  t.strictSame(take(), [{ ...about(again, 'ann'), event: 'refused', reason: 'conflict' }])
  store.fail('update', 'before')
  t.equal((await send('/put', again)).statusCode, 503)
  t.strictSame(take(), [], 'a store that fails is on scs:commit')
})
