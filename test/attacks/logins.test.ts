import type { FastifyInstance, FastifyRequest } from 'fastify'
import t from 'tap'
import { MemoryStore, requireFresh, type ScsOptions } from '../../index.ts'
import { hashToken } from '../../lib/token.ts'
import { cookieOf, makeApp } from '../support/app.ts'
import { fakeClock } from '../support/clock.ts'
import { LIMIT } from '../support/limit.ts'
import { SpyStore } from '../support/spy-store.ts'
import { endIfBefore, logIn, passFirstFactor, passSecondFactor } from './recipes.ts'

t.setTimeout(LIMIT)

const userOf = (request: FastifyRequest) => String(request.headers['x-user'])

/** An application that logs in as docs/security.md says, with a list of devices and a limit. */
async function site(
  perOwner: number,
  { notBefore, then = 'end-oldest' }: { notBefore?: () => number; then?: 'end-oldest' | 'refuse' } = {},
) {
  const clock = fakeClock()
  const options: ScsOptions = {
    ...{ store: new SpyStore('async', new MemoryStore({ clock })), clock, owner: 'userId', limit: { perOwner, then } },
    client: ({ headers }) => ({ agent: headers['user-agent'] }),
  }
  const { app } = await makeApp(options, (app) => {
    app.addHook('preHandler', (request) => endIfBefore(request, notBefore?.() ?? 0))
    app.get('/', async ({ session }) => session.data())
    app.get('/fresh', { preHandler: requireFresh('5m') }, async () => true)
    app.post('/cart', async ({ session }) => session.put('cart', ['tea']))
    app.post('/plant', async ({ session }) => session.put('admin', true))
    app.post('/login', async (request) => logIn(request, userOf(request)))
    app.post('/first', async (request) => passFirstFactor(request, userOf(request)))
    app.post('/second', async (request) => passSecondFactor(request))
    app.get('/devices', async (request) => {
      const devices: object[] = []
      for await (const each of app.sessions.ownedBy(userOf(request), { current: request.session })) devices.push(each)
      return devices
    })
    app.post<{ Querystring: { id: string } }>('/end', (request) => app.sessions.destroy(request.query.id, { owner: userOf(request) }))
  })
  return { app, clock }
}

const post = (app: FastifyInstance, url: string, user = 'ann', session?: string) =>
  app.inject({ method: 'POST', url, headers: { 'x-user': user, 'user-agent': `of ${user}` }, cookies: session ? { session } : {} })

const values = async (app: FastifyInstance, session = '') => (await app.inject({ url: '/', cookies: { session } })).json()

t.test('attack 36: a user sees their devices without a token, a hash or a stranger among them, and ends their own alone', async (t) => {
  const { app } = await site(100)
  const tokens: string[] = []
  for (let i = 0; i < 3; i++) tokens.push(cookieOf(await post(app, '/login')) ?? '')
  const bob = cookieOf(await post(app, '/login', 'bob')) ?? ''
  const list = await app.inject({ url: '/devices', headers: { 'x-user': 'ann' } })
  const devices = list.json()
  t.equal(devices.length, 3)
  for (const each of devices) t.match(each, { client: { agent: 'of ann' }, authenticatedAt: Number })
  for (const token of [...tokens, bob]) t.notOk(list.body.includes(token) || list.body.includes(hashToken(token)))
  for (const { id } of devices) {
    t.strictSame(await values(app, id), {}, 'an id is no token')
    t.equal((await post(app, `/end?id=${id}`, 'bob')).body, 'false', 'nobody ends another’s')
  }
  t.equal((await post(app, `/end?id=${devices[0].id}`)).body, 'true')
  const alive = await Promise.all(tokens.map(async (token) => (await values(app, token)).userId === 'ann'))
  t.equal(alive.filter(Boolean).length, 2)
  t.equal((await values(app, bob)).userId, 'bob')
})

t.test('attack 36: a thousand devices of one user are read in bounded batches, and one is ended', async (t) => {
  const { app } = await site(10_000)
  await Promise.all(Array.from({ length: 1000 }, () => app.sessions.create({ userId: 'ann' })))
  await app.sessions.create({ userId: 'bob' })
  const devices = (await app.inject({ url: '/devices', headers: { 'x-user': 'ann' } })).json()
  t.equal(new Set(devices.map(({ id }: { id: string }) => id)).size, 1000)
  t.equal((await post(app, `/end?id=${devices[500].id}`)).body, 'true')
  t.equal(await app.sessions.count(), 1000)
})

t.test('attack 41: of 50 logins at once exactly the allowed number stays: the newest, or those that were there first', async (t) => {
  for (const then of ['end-oldest', 'refuse'] as const) {
    const { app, clock } = await site(3, { then })
    const earlier = cookieOf(await post(app, '/login')) ?? ''
    clock.advance(1)
    const replies = await Promise.all(Array.from({ length: 50 }, () => post(app, '/login')))
    const refused = replies.filter(({ statusCode }) => statusCode === 409)
    t.equal(refused.length, then === 'refuse' ? 48 : 0)
    t.same(refused.map((reply) => cookieOf(reply)).filter(Boolean), [], 'who is refused gets no cookie')
    const tokens = replies.map((reply) => cookieOf(reply) ?? '')
    const alive = await Promise.all(tokens.map(async (token) => (await values(app, token)).userId === 'ann'))
    t.equal(alive.filter(Boolean).length, then === 'refuse' ? 2 : 3)
    t.equal((await values(app, earlier)).userId, then === 'refuse' ? 'ann' : undefined)
    t.equal(await app.sessions.count(), 3, 'and no row')
  }
})

t.test('attack 3: whoever passed the first of two factors is nobody yet, and the second begins a session of its own', async (t) => {
  const { app } = await site(5)
  t.equal((await post(app, '/second')).body, 'false', 'without the first there is no second')
  const half = cookieOf(await post(app, '/first')) ?? ''
  t.strictSame(await values(app, half), { awaits: 'ann' })
  t.strictSame((await app.inject({ url: '/devices', headers: { 'x-user': 'ann' } })).json(), [], 'not among the devices')
  const whole = await post(app, '/second', 'ann', half)
  t.equal(whole.body, 'true')
  t.strictSame(await values(app, half), {}, 'the half-way token is dead')
  const { userId, awaits } = await values(app, cookieOf(whole))
  t.strictSame([userId, awaits], ['ann', undefined])
  t.equal((await post(app, '/second', 'ann', half)).body, 'false', 'and serves no second time')
})

t.test('attack 4: of what was planted before the login nothing is in the session after it but what is named', async (t) => {
  const { app } = await site(5)
  const planted = cookieOf(await post(app, '/plant')) ?? ''
  await post(app, '/cart', 'ann', planted)
  const token = cookieOf(await post(app, '/login', 'ann', planted))
  const { cart, userId, admin } = await values(app, token)
  t.strictSame([cart, userId, admin], [['tea'], 'ann', undefined])
  t.strictSame(await values(app, planted), {})
})

t.test('attack 36: a login goes stale for what needs a fresh one, and one moment ends every session', async (t) => {
  let notBefore = 0
  const { app, clock } = await site(5, { notBefore: () => notBefore })
  const stale = cookieOf(await post(app, '/login')) ?? ''
  clock.advance(300_001)
  const fresh = cookieOf(await post(app, '/login')) ?? ''
  const half = cookieOf(await post(app, '/first')) ?? ''
  const statusFor = async (session: string) => (await app.inject({ url: '/fresh', cookies: { session } })).statusCode
  t.strictSame([await statusFor(fresh), await statusFor(stale), await statusFor(half), await statusFor('')], [200, 401, 401, 401])
  notBefore = clock() + 1
  for (const session of [fresh, stale]) t.strictSame(await values(app, session), {})
  t.equal(await app.sessions.count(), 1, 'of whoever is half-way')
})
