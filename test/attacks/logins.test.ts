import type { FastifyInstance, FastifyRequest } from 'fastify'
import t from 'tap'
import { hashToken } from '../../lib/token.ts'
import { cookieOf, makeApp } from '../support/app.ts'
import { LIMIT } from '../support/limit.ts'
import { SpyStore } from '../support/spy-store.ts'
import { devicesOf, endDevice, endIfBefore, isFresh, logIn, passFirstFactor, passSecondFactor } from './recipes.ts'

t.setTimeout(LIMIT)

const userOf = (request: FastifyRequest) => String(request.headers['x-user'])

/** An application that logs in as docs/security.md says. */
async function site(most: number, notBefore = () => 0) {
  const store = new SpyStore('async')
  const { app } = await makeApp({ store, owner: 'userId' }, (app) => {
    app.addHook('preHandler', (request) => endIfBefore(request, notBefore()))
    app.get('/', async ({ session }) => session.data())
    app.get('/fresh', async ({ session }) => isFresh(session, 5))
    app.post('/cart', async ({ session }) => session.put('cart', ['tea']))
    app.post('/plant', async ({ session }) => session.put('admin', true))
    app.post('/login', async (request) => logIn(request, app.sessions, userOf(request), most))
    app.post('/first', async (request) => passFirstFactor(request, userOf(request)))
    app.post('/second', async (request) => passSecondFactor(request, app.sessions))
    app.get('/devices', async (request) => devicesOf(app.sessions, userOf(request)))
    app.post<{ Querystring: { id: string } }>('/end', async (request) => endDevice(app.sessions, userOf(request), request.query.id))
  })
  return { app, store }
}

const post = (app: FastifyInstance, url: string, user = 'ann', session?: string) =>
  app.inject({ method: 'POST', url, headers: { 'x-user': user, 'user-agent': `of ${user}` }, cookies: session ? { session } : {} })

const values = async (app: FastifyInstance, session = '') => (await app.inject({ url: '/', cookies: { session } })).json()

t.test('attack 36: a user sees their devices without a token, a hash or a stranger among them, and ends their own alone', async (t) => {
  const { app, store } = await site(100)
  const tokens: string[] = []
  for (let i = 0; i < 3; i++) tokens.push(cookieOf(await post(app, '/login')) ?? '')
  const bob = cookieOf(await post(app, '/login', 'bob')) ?? ''
  const list = await app.inject({ url: '/devices', headers: { 'x-user': 'ann' } })
  const devices = list.json()
  t.equal(devices.length, 3)
  t.ok(devices.every((each: { agent: string; since: number }) => each.agent === 'of ann' && each.since > 0))
  for (const token of [...tokens, bob]) t.notOk(list.body.includes(token) || list.body.includes(hashToken(token)))
  for (const { id } of devices) {
    t.strictSame(await values(app, id), {}, 'an id is no token')
    t.equal((await post(app, `/end?id=${id}`, 'bob')).body, 'false', 'nobody ends another’s')
  }
  t.equal((await post(app, `/end?id=${devices[0].id}`)).body, 'true')
  const alive = await Promise.all(tokens.map(async (token) => (await values(app, token)).userId === 'ann'))
  t.equal(alive.filter(Boolean).length, 2)
  t.equal((await values(app, bob)).userId, 'bob')
  store.take()
})

t.test('attack 36: a thousand devices of one user are read in bounded batches, and one is ended', async (t) => {
  const { app } = await site(10_000)
  await Promise.all(Array.from({ length: 1000 }, (_, since) => app.sessions.create({ userId: 'ann', since })))
  await app.sessions.create({ userId: 'bob' })
  const devices = (await app.inject({ url: '/devices', headers: { 'x-user': 'ann' } })).json()
  t.strictSame([devices.length, devices[0].since, devices[999].since], [1000, 999, 0])
  t.equal((await post(app, `/end?id=${devices[500].id}`)).body, 'true')
  t.equal(await app.sessions.count(), 1000)
})

t.test('attack 41: of 50 logins at once exactly the allowed number stays, and earlier devices go', async (t) => {
  const { app } = await site(3)
  const earlier = cookieOf(await post(app, '/login')) ?? ''
  const replies = await Promise.all(Array.from({ length: 50 }, () => post(app, '/login')))
  t.ok(replies.every((reply) => reply.statusCode === 200))
  const tokens = replies.map((reply) => cookieOf(reply) ?? '')
  const alive = await Promise.all([earlier, ...tokens].map(async (token) => (await values(app, token)).userId === 'ann'))
  t.equal(alive.filter(Boolean).length, 3)
  t.equal(await app.sessions.count(), 3)
})

t.test('attack 3: whoever passed the first of two factors is nobody yet, and the second begins a session of its own', async (t) => {
  const { app } = await site(5)
  t.equal((await post(app, '/second')).body, 'false', 'without the first there is no second')
  const half = cookieOf(await post(app, '/first')) ?? ''
  t.strictSame(await values(app, half), { awaits: 'ann' })
  t.strictSame(await devicesOf(app.sessions, 'ann'), [], 'not among the devices')
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
  const { app } = await site(5, () => notBefore)
  const fresh = cookieOf(await post(app, '/login')) ?? ''
  const stale = await app.sessions.create({ userId: 'ann', since: Date.now() - 300_000 })
  const isFreshFor = async (session: string) => (await app.inject({ url: '/fresh', cookies: { session } })).json()
  t.strictSame([await isFreshFor(fresh), await isFreshFor(stale.token), await isFreshFor('')], [true, false, false])
  notBefore = Date.now() + 1
  for (const session of [fresh, stale.token]) t.strictSame(await values(app, session), {})
  t.equal(await app.sessions.count(), 0)
})
