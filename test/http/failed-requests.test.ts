import t from 'tap'
import { cookieOf, setCookies } from '../support/app.ts'
import { type Handler, startSite } from './steps.ts'

/** Throws an error that Fastify answers with this status. */
function failWith(statusCode: number): never {
  throw Object.assign(new Error('the handler fails'), { statusCode })
}

const edits: readonly Handler[] = [
  (session) => session.put('half', 1),
  (session) => session.update('half', () => 1),
  (session) => session.remove('cart'),
  (session) => session.pop('cart'),
  (session) => session.clear(),
  (session) => session.setDeadline(new Date(session.deadline.getTime() + 1000)),
  (session) => session.rememberMe(true),
]

t.test('rule 8: when the handler throws and the reply is 500 or above, edits are dropped and no cookie is sent', async (t) => {
  for (const edit of edits) {
    for (const status of [500, 503]) {
      const site = await startSite()
      const token = await site.start({ cart: 'pen' })
      const failing: Handler = (session, request, reply) => {
        edit(session, request, reply)
        failWith(status)
      }
      const reply = await site.post(token, failing)
      t.equal(reply.statusCode, status)
      t.strictSame(setCookies(reply), [], String(edit))
      t.strictSame(await site.stored(token), { cart: 'pen' }, String(edit))
      site.store.take()
      t.strictSame(setCookies(await site.post(undefined, failing)), [])
      t.strictSame(site.store.take(), [], 'and no session starts with it')
    }
  }
})

t.test('rule 8: when the handler throws and the reply is below 500, edits hold', async (t) => {
  for (const status of [400, 401, 404, 422, 499]) {
    const site = await startSite()
    const reply = await site.post(undefined, (session) => {
      session.put('attempts', 1)
      failWith(status)
    })
    t.equal(reply.statusCode, status)
    t.strictSame(await site.stored(cookieOf(reply) ?? ''), { attempts: 1 })
    const next = await site.post(cookieOf(reply), (session) => {
      session.update('attempts', (attempts) => Number(attempts) + 1)
      failWith(status)
    })
    t.equal(next.statusCode, status)
    t.strictSame((await site.get(cookieOf(reply))).json(), { attempts: 2 })
  }
})

t.test('rule 8: a 500 that the handler sends without throwing keeps the edits', async (t) => {
  const site = await startSite()
  const token = await site.start({})
  const reply = await site.post(token, (session, _request, reply) => {
    session.put('a', 1)
    reply.code(500)
  })
  t.equal(reply.statusCode, 500)
  t.strictSame(await site.stored(token), { a: 1 })
})

t.test(
  'rule 8: an error that an error handler turns into a page below 500 keeps the edits, one that it makes a 500 drops them',
  async (t) => {
    for (const [status, stored] of [
      [200, { a: 1 }],
      [409, { a: 1 }],
      [500, {}],
    ] as [number, object][]) {
      const site = await startSite()
      site.app.setErrorHandler((_error, _request, reply) => reply.code(status).send({ handled: true }))
      site.app.post('/fails', (request) => {
        request.session.put('a', 1)
        failWith(status === 500 ? 400 : 500)
      })
      const token = await site.start({})
      const reply = await site.send('POST', token, () => ({}), { url: '/fails' })
      t.equal(reply.statusCode, status)
      t.strictSame(await site.stored(token), stored)
    }
  },
)

t.test('rule 8: a destroy holds', async (t) => {
  for (const awaits of [true, false]) {
    const site = await startSite()
    const token = await site.start({ user: 'ann' })
    const reply = await site.post(token, async (session) => {
      const ending = session.destroy()
      if (awaits) await ending
      failWith(500)
    })
    t.equal(reply.statusCode, 500)
    t.equal(cookieOf(reply), '')
    t.equal(await site.stored(token), undefined)
  }
})

t.test('rule 8: what is put after a destroy in a failed request is dropped with the rest', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  const reply = await site.post(token, async (session) => {
    await session.destroy()
    session.put('half', 1)
    failWith(500)
  })
  t.equal(cookieOf(reply), '')
  t.equal(await site.app.sessions.count(), 0)
})

t.test('rule 8: a renewal holds, without the edits', async (t) => {
  const site = await startSite()
  const token = await site.start({ cart: 'pen' })
  const reply = await site.post(token, (session) => {
    session.renewToken()
    session.put('user', 'ann')
    failWith(500)
  })
  t.equal(reply.statusCode, 500)
  t.match(cookieOf(reply), /^[A-Za-z0-9_-]{43}$/)
  t.strictSame(await site.stored(cookieOf(reply) ?? ''), { cart: 'pen' })
  t.strictSame((await site.get(token)).json(), {})
})

t.test('rule 8: a renewal holds with the whole lifetime, whatever deadline the failed request set', async (t) => {
  const site = await startSite({ lifetime: '1h' })
  for (const ms of [-1, 1000, 7_200_000]) {
    const reply = await site.post(await site.start({ a: 1 }), (session) => {
      session.renewToken()
      session.setDeadline(new Date(site.clock() + ms))
      failWith(500)
    })
    t.equal(reply.cookies[0]?.maxAge, 3600)
    t.strictSame(await site.stored(cookieOf(reply) ?? ''), { a: 1 })
  }
})

t.test('rule 8: the removals that regenerate asked for hold, without the edits', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann', admin: true, theme: 'dark' })
  const reply = await site.post(token, async (session) => {
    session.put('theme', 'light')
    await session.regenerate(['theme'])
    session.put('user', 'bob')
    failWith(500)
  })
  t.strictSame(await site.stored(cookieOf(reply) ?? ''), { theme: 'dark' })
  t.equal(await site.stored(token), undefined)
})

t.test('rule 8: a failed request prolongs the idle timeout like any other', async (t) => {
  const site = await startSite({ idleTimeout: '20m' })
  const token = await site.start({ a: 1 })
  site.clock.advance(19 * 60_000)
  await site.post(token, () => failWith(500))
  site.clock.advance(19 * 60_000)
  t.strictSame((await site.get(token)).json(), { a: 1 })
})

t.test('rule 8: a session merged into that of a failed request is not ended', async (t) => {
  for (const renews of [false, true]) {
    const site = await startSite()
    const token = await site.start({ a: 1 })
    const other = await site.start({ b: 2 })
    await site.post(token, async (session) => {
      if (renews) session.renewToken()
      await session.mergeSession(other)
      failWith(500)
    })
    t.strictSame(await site.stored(other), { b: 2 }, renews ? 'with a renewal' : 'without')
  }
})

t.test('rule 8: what was committed before the failure stays', async (t) => {
  const site = await startSite()
  const token = await site.start({})
  await site.post(token, async (session) => {
    session.put('saved', 1)
    await session.commit()
    session.put('half', 1)
    failWith(500)
  })
  t.strictSame(await site.stored(token), { saved: 1 })
})
