import t from 'tap'
import { fromCookie } from '../../index.ts'
import { cookieOf, makeApp } from '../support/app.ts'

/** An application that takes over the sessions of an old store, which fails so many times to end one. */
async function start(failures: number) {
  const old = new Map([['x', { userId: 'ada' }]])
  let left = failures
  const end = async () => {
    if (left-- > 0) throw new Error('the old store is down')
    old.delete('x')
  }
  const read = (value: string) => {
    const values = old.get(value)
    return values && { values, end }
  }
  const { app } = await makeApp({ adopt: fromCookie({ name: 'old', read }) }, (app) => {
    app.post('/logout', async ({ session }) => await session.destroy())
    app.post('/forgiving', async ({ session }) => await session.destroy().catch(() => {}))
    app.get('/me', async ({ session }) => session.data())
  })
  return { app, old }
}

const OLD = { old: 'x' }

t.test('a logout asks an old store that failed to answer again', async (t) => {
  let failures = 1
  const ended: string[] = []
  const read = (value: string) => {
    if (failures-- > 0) throw new Error('the old store is down')
    return { values: { userId: 'ada' }, end: () => ended.push(value) }
  }
  const { app } = await makeApp({ adopt: fromCookie({ name: 'old', read }) }, (app) => {
    app.post('/logout', async ({ session }) => await session.destroy().catch(() => {}))
  })
  const { token } = await app.sessions.create({ userId: 'ada' })
  const reply = await app.inject({ method: 'POST', url: '/logout', cookies: { session: token, ...OLD } })
  t.equal(reply.statusCode, 200)
  t.same(ended, ['x'])
  t.equal(await app.sessions.count(), 0)
})

t.test('a logout that the old store fails is tried again with the reply', async (t) => {
  const { app, old } = await start(1)
  const reply = await app.inject({ method: 'POST', url: '/forgiving', cookies: OLD })
  t.equal(reply.statusCode, 200)
  t.match(reply.headers['set-cookie'], /^old=;/)
  t.equal(old.size, 0)
  t.same((await app.inject({ url: '/me', cookies: OLD })).json(), {})
})

t.test('when it fails again the reply is a 503 and the client keeps its cookie, so that it can try again', async (t) => {
  const { app, old } = await start(2)
  const failed = await app.inject({ method: 'POST', url: '/logout', cookies: OLD })
  t.equal(failed.statusCode, 503)
  t.equal(failed.headers['set-cookie'], undefined)
  t.equal(old.size, 1)
  t.equal((await app.inject({ method: 'POST', url: '/logout', cookies: OLD })).statusCode, 200)
  t.equal(old.size, 0)
})

t.test('a takeover whose old session cannot be ended clears the old cookie all the same: the client has a new one', async (t) => {
  const { app, old } = await start(1)
  const reply = await app.inject({ url: '/me', cookies: OLD })
  t.same(reply.json(), { userId: 'ada' })
  t.match([reply.headers['set-cookie']].flat().join(), /old=;/)
  t.equal(old.size, 1)
  const session = cookieOf(reply) ?? ''
  t.same((await app.inject({ url: '/me', cookies: { session } })).json(), { userId: 'ada' })
})
