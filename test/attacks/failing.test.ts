import t from 'tap'
import { LmdbStore } from '../../stores/lmdb.ts'
import { RedisStore } from '../../stores/redis.ts'
import { type Handler, startSite } from '../http/steps.ts'
import { cookieOf, setCookies } from '../support/app.ts'
import { fakeClock } from '../support/clock.ts'
import { LIMIT } from '../support/limit.ts'
import { placeFor } from '../support/lmdb.ts'
import { redisClient } from '../support/redis.ts'
import { startRedis } from '../support/servers/redis.ts'
import type { Fault, Verb } from '../support/spy-store.ts'

t.setTimeout(LIMIT)

const DOWN = /driver|db\.internal|6379|connection/

const login: Handler = (session) => {
  session.renewToken()
  session.put('user', 'ann')
}

t.test('attack 17: a store that is down or slow makes nobody a stranger, overwrites no cookie and tells nothing of itself', async (t) => {
  for (const fault of ['before', 'hang'] as const satisfies Fault[]) {
    const site = await startSite({ storeTimeout: 30 })
    const token = await site.start({ user: 'ann' })
    let ran = 0
    for (const method of ['GET', 'POST', 'DELETE'] as const) {
      site.store.fail('find', fault)
      const reply = await site.send(method, token, (session) => void session.put('stranger', ++ran))
      t.equal(reply.statusCode, 503)
      t.strictSame(setCookies(reply), [])
      t.notMatch(reply.body, DOWN)
    }
    t.equal(ran, 0, 'no handler ran')
    t.strictSame((await site.get(token)).json(), { user: 'ann' }, 'the same cookie works again')
    t.equal((await site.get(undefined)).statusCode, 200, 'who has no cookie never asks the store')
  }
})

const WRITES: readonly (readonly [Verb, boolean, Handler])[] = [
  ['create', false, login],
  ['rename', true, login],
  ['update', true, (session) => session.update('count', (n) => Number(n ?? 0) + 1)],
  ['delete', true, (session) => void session.destroy()],
]

t.test('attack 30: a write that failed is an error that everybody sees: no cookie, nothing counted, nobody logged in or out', async (t) => {
  for (const [verb, known, handler] of WRITES) {
    const site = await startSite()
    const token = known ? await site.start({ count: 1 }) : undefined
    // A logout is tried again with the reply.
    site.store.fail(verb, 'before', ...(verb === 'delete' ? (['before'] as const) : []))
    const reply = await site.post(token, async (session, request, reply) => {
      await handler(session, request, reply)
      return { welcome: 'ann' }
    })
    t.equal(reply.statusCode, 503, verb)
    t.notMatch(reply.body, /welcome/)
    t.notMatch(reply.body, DOWN)
    t.strictSame(setCookies(reply), [], `${verb}: no cookie, set or cleared`)
    t.equal(await site.app.sessions.count(), known ? 1 : 0)
    if (token !== undefined) t.strictSame((await site.get(token)).json(), { count: 1 }, `${verb}: the session is as it was`)
    t.equal((await site.post(token, handler)).statusCode, 200, `${verb}: tried again it works`)
  }
})

t.test('attack 16: whatever throws around a logout, a session is ended or the client is told that it is not', async (t) => {
  const after: Readonly<Record<string, Handler>> = {
    'the handler': () => {
      throw new Error('the handler fails')
    },
    'the body': () => ({
      toJSON() {
        throw new Error('the body fails')
      },
    }),
    'a later put': (session) => session.put('bad', () => {}),
    'a later merge': (session) => session.mergeSession('x'.repeat(43)).then(() => Promise.reject(new Error('late'))),
  }
  for (const [what, then] of Object.entries(after)) {
    const site = await startSite()
    const token = await site.start({ user: 'ann' })
    const reply = await site.post(token, async (session, request, reply) => {
      await session.destroy()
      return await then(session, request, reply)
    })
    t.equal(reply.statusCode, 500, what)
    t.strictSame((await site.get(token)).json(), {}, `${what}: ended`)
    t.equal(cookieOf(reply), '', `${what}: and the cookie cleared`)
  }
  const broken = await startSite({
    codec: {
      encode: (deadline, values) => Buffer.from(JSON.stringify({ deadline, values })),
      decode: () => {
        throw new Error('the codec fails')
      },
    },
  })
  const token = (await broken.app.sessions.create({ user: 'ann' })).token
  t.equal((await broken.post(token, (session) => session.destroy())).statusCode, 200)
  t.equal(await broken.app.sessions.count(), 0, 'one that cannot be read can be ended')
})

t.test('attack 13: a session outlives no restart by a millisecond, whatever the options say afterwards', async (t) => {
  const path = placeFor(t)
  const clock = fakeClock()
  const open = async (options: object) => {
    const store = new LmdbStore(path, { clock })
    return { store, site: await startSite({ store, clock, ...options }) }
  }
  const first = await open({ lifetime: '1h' })
  const token = await first.site.start({ user: 'ann' })
  await first.store.close()
  const second = await open({ lifetime: '30d', idleTimeout: '2h', cookie: { persist: false } })
  clock.advance(3_599_999)
  t.strictSame((await second.site.get(token)).json(), { user: 'ann' })
  await second.site.post(token, (session) => session.put('more', 1))
  clock.advance(1)
  t.strictSame((await second.site.get(token)).json(), {}, 'the deadline is the one that it had')
  t.equal(await second.store.deleteExpired(10), 1)
  await second.store.close()
})

t.test('attack 26: what a driver adds to its errors, commands and their arguments, reaches neither log nor reply', async (t) => {
  const server = await startRedis(t)
  const client = redisClient(t, server)
  const site = await startSite({ store: new RedisStore(client), clock: Date.now, owner: 'user' })
  const token = await site.start({ user: 'ann', secret: 'tea-and-biscuits' })
  await client.config('SET', 'maxmemory', '1')
  const reply = await site.post(token, (session) => session.put('more', 'jam-and-scones'))
  t.equal(reply.statusCode, 503)
  const log = JSON.stringify(site.lines)
  t.match(log, /OOM command not allowed/, 'the log says what failed')
  for (const secret of ['tea-and-biscuits', 'jam-and-scones', token]) t.notOk(log.includes(secret) || reply.body.includes(secret), secret)
})
