import { parse } from 'node:querystring'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { type CookieOptions, type PropertySession, propertyView, type ScsSession } from '../../index.ts'
import { Session } from '../../lib/session.ts'
import { startSite } from '../http/steps.ts'
import { cookieOf, makeApp } from '../support/app.ts'

/** A view with what these tests keep in it. */
type View = PropertySession & { user: unknown; cart: string[]; flash: Record<string, string[]>; absent: unknown; next: unknown }

/** A handler that gets the view. */
const seen = (fn: (view: View, session: ScsSession) => unknown) => (session: ScsSession) => fn(propertyView(session) as View, session)
/** Waits for the callback of a call. */
const called = (call: (callback: (error?: unknown) => void) => unknown) =>
  new Promise<void>((resolve, reject) => void call((error) => (error === undefined ? resolve() : reject(error))))

t.test('save, destroy and regenerate call back when they are done, with the error when they fail', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  const saved = await site.post(
    token,
    seen(async (view) => {
      view.user = 'bob'
      await called((callback) => t.equal(view.save(callback), view))
      t.strictSame(await site.stored(token), { user: 'bob' })
      await called((callback) => view.regenerate(callback))
      t.strictSame([view.user, Object.keys(view)], [undefined, []])
      view.user = 'eve'
    }),
  )
  const renewed = cookieOf(saved)
  t.not(renewed, token)
  t.strictSame(await site.stored(String(renewed)), { user: 'eve' })
  await site.post(
    renewed,
    seen(async (view) => {
      await called((callback) => view.destroy(callback))
      t.equal(await site.stored(String(renewed)), undefined)
      view.next = 1
      site.store.gate = () => Promise.reject(new Error('down'))
      await t.rejects(
        called((callback) => view.save(callback)),
        { code: 'FST_ERR_SCS_STORE' },
      )
      site.store.gate = undefined
    }),
  )
})

t.test('without a callback the calls are made all the same', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann', cart: ['a'] })
  await site.post(
    token,
    seen((view) => {
      view.cart.push('b')
      t.equal(view.destroy(), view)
    }),
  )
  t.equal(await site.stored(token), undefined)
  const saved = await site.post(
    undefined,
    seen((view) => void Object.assign(view, { user: 'bob' }).regenerate().save()),
  )
  t.equal(cookieOf(saved), undefined, 'a new session without values is none')
})

t.test('after a regenerate the session has a new view, and the old one shows what was', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann', cart: ['a'] })
  const reply = await site.post(
    token,
    seen((old, session) => {
      old.cart.push('b')
      old.regenerate()
      const view = propertyView(session)
      t.not(view, old)
      t.equal(propertyView(session), view)
      t.strictSame([{ ...view }, { ...old }, old.absent, 'user' in old], [{}, { cart: ['a', 'b'], user: 'ann' }, undefined, true])
      t.throws(() => Object.assign(old, { user: 'eve' }), { code: 'FST_ERR_SCS_ASSIGN', message: /propertyView\(\) again/ })
      Object.assign(view, old)
    }),
  )
  t.strictSame(await site.stored(String(cookieOf(reply))), { user: 'ann', cart: ['a', 'b'] })
})

t.test('reload shows what the store holds now, and keeps what was changed in place', async (t) => {
  const reloads: unknown[] = []
  const before = Object.getOwnPropertyDescriptor(Session.prototype, 'reload')
  const reload = async function (this: ScsSession) {
    reloads.push(this.get('cart'))
  }
  Object.defineProperty(Session.prototype, 'reload', { configurable: true, value: reload })
  t.teardown(() => before && Object.defineProperty(Session.prototype, 'reload', before))
  const site = await startSite()
  const token = await site.start({ cart: ['a'] })
  await site.post(
    token,
    seen(async (view) => {
      view.cart.push('b')
      await called((callback) => view.reload(callback))
    }),
  )
  t.strictSame(reloads, [['a', 'b']])
})

t.test('the cookie is shown as it will be sent', async (t) => {
  const day = 86_400_000
  const cookieWith = async (cookie: CookieOptions, fn: (session: ScsSession) => void = () => {}) => {
    const site = await startSite({ cookie })
    let shown: unknown
    const reply = await site.get(await site.start({ a: 1 }), (session) => {
      fn(session)
      shown = { ...propertyView(session).cookie }
    })
    t.equal(reply.statusCode, 200)
    return { shown, now: site.clock() }
  }
  const plain = await cookieWith({})
  const rest = { httpOnly: true, secure: false, sameSite: 'lax', path: '/', domain: undefined }
  const lasting = { maxAge: day, originalMaxAge: day, expires: new Date(plain.now + day) }
  t.strictSame(plain.shown, { ...lasting, ...rest })
  const ending = await cookieWith({ persist: false, secure: true, domain: 'example.com' })
  t.strictSame(ending.shown, { maxAge: null, originalMaxAge: null, expires: null, ...rest, secure: true, domain: 'example.com' })
  const remembered = await cookieWith({ persist: false }, (session) => session.rememberMe(true))
  t.match(remembered.shown, { maxAge: day })
})

t.test('where the session is off there is no view', async (t) => {
  const { app } = await makeApp({}, (app) => {
    app.get('/', { config: { session: false } }, (request) => propertyView(request.session))
  })
  t.match((await app.inject('/')).json(), { code: 'FST_ERR_SCS_OFF' })
})

t.test('what was assigned may be changed in place though it has no prototype or another realm’s, as a query has', async (t) => {
  const site = await startSite()
  const token = await site.start({})
  for (const made of [parse('a=1'), Object.create(null), runInNewContext('({ list: [] })')]) {
    await site.post(
      token,
      seen((view) => {
        view.next = made
        made.page = 2
        Object.assign(view.next as object, { more: 3 })
      }),
    )
    t.strictSame({ ...((await site.stored(token))?.['next'] as object) }, { ...made, page: 2, more: 3 })
  }
})
