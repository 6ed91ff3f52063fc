import t from 'tap'
import { hashToken, newToken } from '../../lib/token.ts'
import { cookieOf, setCookies } from '../support/app.ts'
import { holdNext, type Site, startSite } from './steps.ts'

const MINUTE = 60_000

async function expiryOf(site: Site, token: string): Promise<number | undefined> {
  return (await site.store.inner.find(hashToken(token), { expiry: true }))?.expiresAt
}

t.test('rule 2: a touch is written at most once an interval: of 1,000 reads within it one at most', async (t) => {
  const site = await startSite({ idleTimeout: '20m', touchInterval: '1m' })
  const token = await site.start({ user: 'ann' })
  site.clock.advance(MINUTE)
  site.store.take()
  for (let i = 0; i < 10; i++) {
    await Promise.all(Array.from({ length: i === 0 ? 1 : 111 }, () => site.get(token)))
    site.clock.advance(5000)
  }
  const verbs = site.store.take()
  t.equal(verbs.filter((verb) => verb === 'find').length, 1000)
  t.equal(verbs.filter((verb) => verb !== 'find').length, 1)
})

t.test(
  'rule 2: the expiry is never later than the idle timeout, never earlier than that less the interval, and no cookie is sent',
  async (t) => {
    const idle = 20 * MINUTE
    const interval = 2 * MINUTE
    const site = await startSite({ idleTimeout: idle, touchInterval: interval })
    const token = await site.start({ user: 'ann' })
    site.store.take()
    let seconds = 7
    for (let i = 0; i < 200; i++) {
      seconds = (seconds * 31 + 11) % 263
      site.clock.advance(seconds * 1000)
      const reply = await site.get(token)
      t.strictSame(setCookies(reply), [])
      const left = ((await expiryOf(site, token)) ?? 0) - site.clock()
      t.ok(left <= idle && left > idle - interval, `${left} ms are left`)
    }
    t.ok(site.store.take().every((verb) => verb === 'find' || verb === 'touch'))
  },
)

t.test('by default a touch is written once in a tenth of the idle timeout, and once a minute at most', async (t) => {
  for (const [idleTimeout, interval] of [
    ['5m', 30_000],
    ['20m', MINUTE],
    ['8h', MINUTE],
  ] as const) {
    const site = await startSite({ idleTimeout })
    const token = await site.start({ user: 'ann' })
    site.store.take()
    site.clock.advance(interval - 1)
    await site.get(token)
    t.strictSame(site.store.take(), ['find'], idleTimeout)
    site.clock.advance(1)
    await site.get(token)
    t.strictSame(site.store.take(), ['find', 'touch'], idleTimeout)
  }
})

t.test('a route with touch: false neither prolongs the idle timeout by reading nor by writing', async (t) => {
  const site = await startSite({ idleTimeout: '20m' })
  const token = await site.start({ user: 'ann' })
  const expiry = await expiryOf(site, token)
  for (let i = 0; i < 9; i++) {
    site.clock.advance(2 * MINUTE)
    const reply = await site.send('GET', token, (session) => session.put('polls', i), { url: '/quiet' })
    t.equal(reply.statusCode, 200)
    await site.send('GET', token, (session) => session.data(), { url: '/quiet' })
  }
  t.equal(await expiryOf(site, token), expiry)
  t.strictSame(await site.stored(token), { user: 'ann', polls: 8 })
  t.notOk(site.store.calls.some((call) => call.startsWith('touch')))
  site.clock.advance(2 * MINUTE)
  t.strictSame((await site.get(token)).json(), {})
})

t.test('a session that begins on a route with touch: false has the whole idle timeout', async (t) => {
  const site = await startSite({ idleTimeout: '20m' })
  const reply = await site.send('GET', undefined, (session) => session.put('polls', 1), { url: '/quiet' })
  t.equal(await expiryOf(site, cookieOf(reply) ?? ''), site.clock() + 20 * MINUTE)
})

t.test('rule 4: a touch brings no session back that was ended meanwhile, and no new expiry to one that changed', async (t) => {
  const site = await startSite({ idleTimeout: '20m' })
  const token = await site.start({ user: 'ann' })
  site.clock.advance(10 * MINUTE)
  const touch = holdNext(site.store, 'touch')
  const slow = site.get(token)
  await touch.reached
  await site.post(token, (session) => session.destroy())
  touch.release()
  const reply = await slow
  t.equal(reply.statusCode, 200)
  t.strictSame(setCookies(reply), [])
  t.strictSame((await site.get(token)).json(), {})
})

t.test('a touch that fails is no secret: the reply is a 503, and the session works again afterwards', async (t) => {
  const site = await startSite({ idleTimeout: '20m' })
  const token = await site.start({ user: 'ann' })
  site.clock.advance(10 * MINUTE)
  site.store.fail('touch', 'before')
  const reply = await site.get(token)
  t.equal(reply.statusCode, 503)
  t.strictSame(setCookies(reply), [])
  t.strictSame((await site.get(token)).json(), { user: 'ann' })
})

t.test('a session without a reply, as a socket has it, is prolonged although others save it meanwhile', async (t) => {
  for (const kind of [true, 'migrate'] as const) {
    const site = await startSite({ idleTimeout: '20m', hashToken: kind })
    const token = newToken()
    const values = { user: 'ann' }
    const record = {
      data: Buffer.from(JSON.stringify({ deadline: site.clock() + 1000 * MINUTE, values })),
      expiresAt: site.clock() + 20 * MINUTE,
    }
    await site.store.inner.create(kind === 'migrate' ? token : hashToken(token), record)
    const socket = await site.app.sessions.find(token)
    t.equal(socket?.get('user'), 'ann')
    t.equal((await site.post(token, (session) => session.put('page', 1))).statusCode, 200)
    for (let i = 0; i < 5; i++) {
      site.clock.advance(15 * MINUTE)
      await socket?.commit()
    }
    t.strictSame((await site.get(token)).json(), { user: 'ann', page: 1 }, String(kind))
    await site.post(token, (session) => session.destroy())
    site.clock.advance(15 * MINUTE)
    await socket?.commit()
    t.strictSame((await site.get(token)).json(), {}, 'and an ended one stays ended')
  }
})

t.test('by how much a socket prolongs a session that others saved says what is stored', async (t) => {
  const site = await startSite({ idleTimeout: '20m', remember: { lifetime: '60d', idleTimeout: '30d' }, lifetime: '2d' })
  const token = await site.start({ user: 'ann' })
  await site.post(token, (session) => session.rememberMe(true))
  const socket = await site.app.sessions.find(token)
  t.equal(socket?.get('user'), 'ann')
  site.clock.advance(1440 * MINUTE)
  await site.post(token, (session) => session.rememberMe(false))
  site.clock.advance(5 * MINUTE)
  await socket?.commit()
  t.equal(await expiryOf(site, token), site.clock() + 20 * MINUTE, 'no longer remembered')
  await site.post(token, (session) => session.setDeadline(new Date(site.clock() + 6 * MINUTE)))
  site.clock.advance(5 * MINUTE)
  await socket?.commit()
  t.equal(await expiryOf(site, token), site.clock() + MINUTE, 'not beyond a deadline')
})

t.test('a socket touches a session that others saved at most once an interval', async (t) => {
  const site = await startSite({ idleTimeout: '20m' })
  const token = await site.start({ user: 'ann' })
  const socket = await site.app.sessions.find(token)
  t.equal(socket?.get('user'), 'ann')
  await site.post(token, (session) => session.put('page', 1))
  site.clock.advance(5 * MINUTE)
  const before = site.store.calls.length
  for (let i = 0; i < 5; i++) await socket?.commit()
  t.equal(site.store.calls.length - before, 3, 'touch, find, touch')
  t.equal(await expiryOf(site, token), site.clock() + 20 * MINUTE)
  socket?.put('seen', true)
  await socket?.commit()
  t.strictSame(await site.stored(token), { user: 'ann', page: 1, seen: true }, 'and loses nothing of what they saved')
})

t.test('a socket whose session has no owner in the store yet prolongs it all the same', async (t) => {
  const site = await startSite({ idleTimeout: '20m', owner: 'user' })
  const token = newToken()
  const data = Buffer.from(JSON.stringify({ deadline: site.clock() + 1000 * MINUTE, values: { user: 'ann' } }))
  await site.store.inner.create(hashToken(token), { data, expiresAt: site.clock() + 20 * MINUTE })
  const socket = await site.app.sessions.find(token)
  t.equal(socket?.get('user'), 'ann')
  await site.post(token, (session) => session.put('page', 1))
  for (let i = 0; i < 5; i++) {
    site.clock.advance(15 * MINUTE)
    await socket?.commit()
  }
  t.strictSame((await site.get(token)).json(), { user: 'ann', page: 1 })
})

t.test('a socket prolongs nothing that is no session of ours any more', async (t) => {
  for (const bytes of ['{"deadline":1,"values":{}}', '{"deadline":', 'of another codec']) {
    const site = await startSite({ idleTimeout: '20m' })
    const token = await site.start({ user: 'ann' })
    const socket = await site.app.sessions.find(token)
    t.equal(socket?.get('user'), 'ann')
    const record = await site.store.inner.find(hashToken(token), { expiry: true })
    const expiresAt = site.clock() + 30 * MINUTE
    await site.store.inner.update(hashToken(token), record?.data ?? Buffer.alloc(0), { data: Buffer.from(bytes), expiresAt })
    site.clock.advance(15 * MINUTE)
    await socket?.commit()
    t.equal(await expiryOf(site, token), expiresAt, bytes)
  }
})
