import { inspect } from 'node:util'
import t from 'tap'
import type { ScsSession } from '../../index.ts'
import { setCookies } from '../support/app.ts'
import { type Handler, holdIn, startSite } from './steps.ts'

t.test('a wrong argument is a TypeError that names the rule, and changes nothing', async (t) => {
  const site = await startSite()
  const token = await site.start({ a: 1 })
  const table: readonly (readonly [code: string, rule: RegExp, call: (session: ScsSession) => unknown])[] = [
    ['FST_ERR_SCS_ARGUMENT', /update.*function/, (session) => session.update('a', 2 as never)],
    ['FST_ERR_SCS_ARGUMENT', /rememberMe.*true or false/, (session) => session.rememberMe('yes' as never)],
    ['FST_ERR_SCS_ARGUMENT', /regenerate.*array/, (session) => session.regenerate('a' as never)],
    ['FST_ERR_SCS_ARGUMENT', /setDeadline.*Date/, (session) => session.setDeadline(0 as never)],
    ['FST_ERR_SCS_ARGUMENT', /setDeadline.*Date/, (session) => session.setDeadline('tomorrow' as never)],
    ['FST_ERR_SCS_ARGUMENT', /setDeadline.*Date/, (session) => session.setDeadline(Object.create(Date.prototype))],
    ['FST_ERR_SCS_ARGUMENT', /setDeadline.*9999/, (session) => session.setDeadline(new Date(Date.UTC(9999, 11, 31, 23, 59, 59)))],
    ['FST_ERR_SCS_ARGUMENT', /renewToken.*object/, (session) => session.renewToken(null as never)],
    ['FST_ERR_SCS_OPTION', /cookie must be an object/, (session) => session.options(null as never)],
    ['FST_ERR_SCS_KEY', /\(object\) is not a string/, (session) => session.put({ password: 'geheim' } as never, 1)],
    ['FST_ERR_SCS_ARGUMENT', /mergeSession.*token/, (session) => session.mergeSession(7 as never)],
    ['FST_ERR_SCS_KEY', /7.*string/, (session) => session.put(7 as never, 1)],
    ['FST_ERR_SCS_KEY', /Symbol\(a\).*string/, (session) => session.remove(Symbol('a') as never)],
  ]
  for (const [code, message, call] of table) {
    const reply = await site.post(token, async (session) => {
      const error = await (async () => call(session))().catch((thrown: unknown) => thrown)
      t.type(error, TypeError, String(call))
      t.match(error, { code, message }, String(call))
      t.equal(session.status, 'unmodified', String(call))
    })
    t.equal(reply.statusCode, 200)
    t.strictSame(setCookies(reply), [])
    t.strictSame(await site.stored(token), { a: 1 })
  }
})

t.test('a manager refuses what is no object where one belongs', async (t) => {
  const { app } = await startSite({ owner: 'user' })
  for (const wrong of [null, 5, 'text', [], Symbol('s')] as never[]) {
    for (const call of [
      () => app.sessions.create(wrong),
      () => app.sessions.destroy('id', wrong),
      () => app.sessions.destroyOwnedBy('ann', wrong),
    ]) {
      const error = await call().catch((thrown: unknown) => thrown)
      t.match(error, { code: 'FST_ERR_SCS_ARGUMENT', message: /(create|destroy|destroyOwnedBy)\(.*\) needs an object/ })
    }
  }
  t.equal(await app.sessions.count(), 0)
})

t.test('there is nothing under a key that is no text, whatever it throws when it is made one', async (t) => {
  const site = await startSite()
  const hostile = { toString: () => t.fail('it was made a text') } as never
  await site.post(await site.start({ a: 1 }), (session) => {
    for (const key of [hostile, Symbol('a') as never, null as never, undefined as never]) {
      t.equal(session.get(key), undefined)
      t.equal(session.exists(key), false)
      t.equal(session.pop(key), undefined)
    }
  })
})

t.test('pop of a key that is not there, or not the application’s, gives undefined and changes nothing', async (t) => {
  const site = await startSite()
  const token = await site.start({ a: 1 })
  const reply = await site.post(token, (session) => {
    session.rememberMe(true)
    return { none: session.pop('b') === undefined, reserved: session.pop('__rememberMe' as never) === undefined }
  })
  t.strictSame(reply.json(), { none: true, reserved: true })
})

t.test('regenerate without keys to keep renews the token and keeps no value', async (t) => {
  const site = await startSite()
  const token = await site.start({ a: 1 })
  const reply = await site.post(token, async (session) => {
    await session.regenerate()
    t.strictSame(session.keys(), [])
    session.put('b', 2)
  })
  t.equal(await site.stored(token), undefined)
  t.strictSame(await site.stored(reply.cookies[0]?.value ?? ''), { b: 2 })
})

t.test('a session that cannot be used is shown without an error: nothing in JSON, and so it says when inspected', async (t) => {
  const site = await startSite()
  const shown: unknown[] = []
  site.app.get('/off', { config: { session: false } }, async ({ session }) => {
    shown.push(JSON.stringify({ session }), inspect(session))
    return 'body'
  })
  t.equal((await site.app.inject('/off')).statusCode, 200)
  t.strictSame(shown, ['{}', 'ScsSession (not usable)'])
})

t.test('rule 5: a cookie that commit() put on the reply is withdrawn when the session is superseded before the next save', async (t) => {
  const endings: readonly Handler[] = [(session) => session.destroy(), (session) => session.renewToken()]
  for (const ending of endings) {
    for (const others of [[], ['theme=dark'], ['theme=dark', 'lang=de']]) {
      const site = await startSite()
      const token = await site.start({ cart: 'pen' })
      let renewed = ''
      const { handler, held } = holdIn(async (session, _request, reply) => {
        for (const other of others) reply.header('set-cookie', other)
        session.renewToken()
        const line = await session.commit()
        t.strictSame(reply.getHeader('set-cookie'), others.length === 0 ? line : [...others, line])
        renewed = session.token
      })
      const slow = site.post(token, async (session, request, reply) => {
        await handler(session, request, reply)
        session.put('a', 1)
      })
      await held.reached
      t.equal((await site.post(renewed, ending)).statusCode, 200)
      held.release()
      const reply = await slow
      t.equal(reply.statusCode, 409)
      t.equal(reply.json().code, 'FST_ERR_SCS_SUPERSEDED')
      t.strictSame(setCookies(reply), others)
    }
  }
})
