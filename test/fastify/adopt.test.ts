import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { fromCookie, MemoryStore, type ScsOptions } from '../../index.ts'
import { cookieOf, makeApp, setCookies } from '../support/app.ts'
import { SpyStore } from '../support/spy-store.ts'

const OLD = { cookie: 'old=ada' }

/** Routes that do to a session what their names say. */
function routes(app: FastifyInstance): void {
  app.get('/me', async ({ session }) => session.data())
  app.get('/commit', async ({ session }) => ({ cookie: await session.commit() }))
  app.post('/clear', async ({ session }) => session.clear())
  app.post('/login', async ({ session }) => {
    session.renewToken()
    session.put('userId', 'bob')
  })
  app.post('/logout', async ({ session }) => await session.destroy())
  app.get('/fails', async () => {
    throw new Error('no')
  })
  app.get('/off', { config: { session: false } }, async () => ({}))
}

/** An old library whose cookie is the name of its user, and what happened to its sessions. */
function oldLibrary(values: (user: string) => unknown = (userId) => ({ userId }), end: () => unknown = () => {}) {
  const calls: string[] = []
  const adopt = fromCookie({
    name: 'old',
    async read(user) {
      calls.push(`read ${user}`)
      const found = values(user) as Record<string, unknown> | undefined
      const ended = () => {
        calls.push(`end ${user}`)
        return end()
      }
      return found === undefined ? undefined : { values: found, end: ended }
    },
  })
  return { adopt, calls }
}

const clears = (reply: { headers: Record<string, unknown> }) =>
  String(reply.headers['set-cookie']).includes('old=; Path=/; Expires=Thu, 01 Jan 1970')

const made = async (options: ScsOptions) => await makeApp(options, routes)

t.test('a client without a session here gets one with the old values, and the old one is cleared and ended', async (t) => {
  const { adopt, calls } = oldLibrary()
  const { app } = await made({ adopt })
  const reply = await app.inject({ url: '/me', headers: OLD })
  t.same(reply.json(), { userId: 'ada' })
  t.ok(clears(reply))
  t.match(reply.headers['cache-control'], /no-cache="Set-Cookie"/)
  const session = cookieOf(reply) ?? ''
  t.same((await app.inject({ url: '/me', cookies: { session } })).json(), { userId: 'ada' })
  t.same(calls, ['read ada', 'end ada'])
  t.same((await app.inject({ url: '/me', headers: { cookie: `session=${session}; old=ada` } })).json(), { userId: 'ada' })
  t.same(calls, ['read ada', 'end ada'], 'who has a session is not asked about')
  t.same(setCookies(await app.inject('/me')), [], 'a client without cookies gets none')
})

t.test('a store that answers later is asked first', async (t) => {
  const { adopt, calls } = oldLibrary()
  const { app } = await made({ adopt, store: new SpyStore('async') })
  const unknown = `session=${'x'.repeat(43)}; old=ada`
  t.same((await app.inject({ url: '/me', headers: { cookie: unknown } })).json(), {}, 'what ended stays ended')
  t.same(calls, [])
})

t.test('nothing is cleared before the values are saved', async (t) => {
  const { adopt, calls } = oldLibrary()
  const store = new MemoryStore()
  const { app } = await made({ adopt, store })
  t.same(setCookies(await app.inject({ url: '/fails', headers: OLD })), [], 'a request that fails saves nothing')
  t.same(setCookies(await app.inject({ url: '/off', headers: OLD })), [])
  const { create } = store
  store.create = () => {
    throw new Error('down')
  }
  const failed = await app.inject({ url: '/me', headers: OLD })
  t.same([failed.statusCode, setCookies(failed)], [503, []])
  store.create = create
  t.notOk(calls.includes('end ada'))
  t.same((await app.inject({ url: '/me', headers: OLD })).json(), { userId: 'ada' })
})

t.test('a logout, or a handler that removes all values, ends the old session too', async (t) => {
  for (const url of ['/logout', '/clear']) {
    const { adopt, calls } = oldLibrary()
    const { app } = await made({ adopt })
    const reply = await app.inject({ method: 'POST', url, headers: OLD })
    t.ok(clears(reply), url)
    t.equal(cookieOf(reply), undefined)
    t.same(calls, ['read ada', 'end ada'])
  }
})

t.test('a logout of a session here ends an old one that is still there', async (t) => {
  const { adopt, calls } = oldLibrary()
  const { app } = await made({ adopt })
  const { token } = await app.sessions.create({ userId: 'ada' } as never)
  const reply = await app.inject({ method: 'POST', url: '/logout', headers: { cookie: `session=${token}; old=ada` } })
  t.ok(clears(reply))
  t.equal(cookieOf(reply), '')
  t.same(calls, ['read ada', 'end ada'])
  const again = await app.inject({ url: '/me', headers: { cookie: `session=${token}; old=ada` } })
  t.same([again.json(), setCookies(again)], [{}, []], 'what ended stays ended')
})

t.test('a login of a client whose token is unknown clears the old cookie, or a logout would bring it back', async (t) => {
  const { adopt, calls } = oldLibrary()
  const { app } = await made({ adopt })
  const headers = { cookie: `session=${'x'.repeat(43)}; old=ada` }
  const reply = await app.inject({ method: 'POST', url: '/login', headers })
  t.ok(clears(reply))
  t.same(calls, ['read ada', 'end ada'])
  const session = cookieOf(reply) ?? ''
  t.same((await app.inject({ url: '/me', cookies: { session } })).json(), { userId: 'bob' })
})

t.test('what cannot be kept is left out with one warning', async (t) => {
  const { adopt, calls } = oldLibrary((userId) => ({ userId, __flash: 1, call() {}, nothing: undefined, none: null }))
  const { app, warnings } = await made({ adopt })
  const reply = await app.inject({ url: '/me', headers: OLD })
  t.same(reply.json(), { userId: 'ada', none: null })
  t.match(warnings(), [{ keys: ['__flash', 'call'], msg: 'an adopted session cannot keep __flash, call, which was left out' }])
  t.same(calls, ['read ada', 'end ada'])

  const bad = oldLibrary(() => ({ call() {} }))
  const second = await made({ adopt: bad.adopt })
  t.same(setCookies(await second.app.inject({ url: '/me', headers: OLD })), [], 'with nothing left, the old session stays')
  t.same(bad.calls, ['read ada'])
  const empty = await made({ adopt: oldLibrary(() => ({})).adopt })
  t.ok(clears(await empty.app.inject({ url: '/me', headers: OLD })), 'one without values is done with')
})

t.test('an old store that fails or hangs is 503, and nobody is logged out', async (t) => {
  const hangs = () => new Promise<undefined>(() => {})
  const throws = () => {
    throw new Error('down')
  }
  for (const adopt of [hangs, throws, async () => throws()]) {
    const { app } = await made({ adopt, storeTimeout: 50 })
    const reply = await app.inject({ url: '/me', headers: OLD })
    t.same([reply.statusCode, setCookies(reply)], [503, []])
  }
  const wrong = await made({ adopt: (() => 'ada') as never })
  t.match((await wrong.app.inject('/me')).json(), { statusCode: 500, code: 'FST_ERR_SCS_ARGUMENT' })
  const none = await made({ adopt: (() => null) as never })
  t.same((await none.app.inject('/me')).json(), {})
})

t.test('an old session that cannot be ended is a warning after a save, and an error in a logout', async (t) => {
  const { adopt } = oldLibrary(undefined, async () => {
    await delay(1)
    throw new Error('down')
  })
  const { app, warnings } = await made({ adopt })
  const reply = await app.inject({ url: '/me', headers: OLD })
  t.same([reply.statusCode, clears(reply)], [200, true])
  t.match(warnings(), [{ msg: 'an adopted session could not be ended in its old store' }])
  t.equal((await app.inject({ method: 'POST', url: '/logout', headers: OLD })).statusCode, 503)
})

t.test('a commit clears the old cookie too, but not once the headers were sent', async (t) => {
  const { adopt } = oldLibrary()
  const { app } = await makeApp({ adopt }, (app) => {
    routes(app)
    app.get('/late', async ({ session }, reply) => {
      reply.hijack()
      reply.raw.writeHead(200)
      await session.destroy()
      reply.raw.end('{}')
    })
  })
  const reply = await app.inject({ url: '/commit', headers: OLD })
  t.ok(clears(reply))
  t.equal(setCookies(reply).length, 2)
  t.same(setCookies(await app.inject({ url: '/late', headers: OLD })), [])
})

t.test('a cookie of our own name and place becomes ours, and clients with a token in a header are not asked about', async (t) => {
  const calls: string[] = []
  const adopt = fromCookie({
    ...{ name: 'session', cookie: { path: '/', maxAge: 1 } },
    read: (value) => {
      calls.push(value)
      return value === 'ada' ? { values: { userId: 'ada' } } : undefined
    },
  })
  const { app } = await made({ adopt, token: { header: 'x-token' } })
  const reply = await app.inject({ url: '/me', headers: { cookie: 'session=ada' } })
  t.equal(setCookies(reply).length, 1)
  t.same((await app.inject({ url: '/me', cookies: { session: cookieOf(reply) ?? '' } })).json(), { userId: 'ada' })
  t.equal(setCookies(await app.inject({ method: 'POST', url: '/clear', headers: { cookie: 'session=ada' } })).length, 1)
  t.same((await app.inject({ url: '/me', headers: { cookie: 'session=ada', 'x-token': 'none' } })).json(), {})
  t.same(calls, ['ada', 'ada'])
})
