import { inspect } from 'node:util'
import t from 'tap'
import { type PropertySession, propertyView, type ScsSession } from '../../index.ts'
import { GobCodec, goType, OpaqueValue } from '../../lib/codecs/gob.ts'
import { startSite } from '../http/steps.ts'

/** A view with what these tests keep in it. */
type View = PropertySession & { user: unknown; cart: string[]; flash: Record<string, string[]>; absent: unknown; next: unknown }

/** A handler that gets the view. */
const seen = (fn: (view: View, session: ScsSession) => unknown) => (session: ScsSession) => fn(propertyView(session) as View, session)
const DATA = { cart: ['a'], user: 'ann' }

t.test('a view has the values as properties: read, listed, copied, assigned and deleted', async (t) => {
  const site = await startSite()
  const token = await site.start(DATA)
  const read = await site.get(
    token,
    seen((view, session) => {
      t.equal(propertyView(session), view)
      t.equal(view.id, session.id)
      t.strictSame([view.user, view.absent, Reflect.get(view, Symbol('x')), view['__x']], ['ann', undefined, undefined, undefined])
      t.strictSame(
        ['user' in view, 'save' in view, 'absent' in view, 'toString' in view, Symbol('x') in view],
        [true, true, false, true, false],
      )
      t.strictSame([Object.keys(view), { ...view }, JSON.parse(JSON.stringify(view))], [['cart', 'user'], DATA, DATA])
      t.ok(
        Object.hasOwn(view, 'user') &&
          !Object.hasOwn(view, 'absent') &&
          !Object.hasOwn(view, 'save') &&
          !Object.hasOwn(view, Symbol.iterator),
      )
      t.equal(inspect(view), inspect(session))
      t.equal(view.touch().resetMaxAge(), view)
      t.throws(() => Object.freeze(view), TypeError)
    }),
  )
  t.equal(read.statusCode, 200)
  await site.post(
    token,
    seen((view) => {
      Object.assign(view, { user: 'bob', at: new Date(0) })
      Object.defineProperty(view, 'more', { value: 1 })
      Reflect.deleteProperty(view, 'cart')
      view.absent = undefined
      for (const wrong of [{ enumerable: false }, { get: () => 1 }, { value: 1, configurable: false }])
        t.throws(() => Object.defineProperty(view, 'user', wrong), TypeError, 'no value that could be kept so')
    }),
  )
  t.strictSame((await site.get(token)).json(), { user: 'bob', at: new Date(0).toJSON(), more: 1 })
})

t.test('what was changed in place is saved, with the reply and by commit(), and what was not is not', async (t) => {
  const site = await startSite()
  const token = await site.start(DATA)
  const push = seen((view) => void view.cart.push('b'))
  await site.post(token, push)
  t.strictSame((await site.stored(token))?.['cart'], ['a', 'b'])
  await site.post(
    token,
    seen(async (view, session) => {
      const flash: { info?: string[] } = {}
      Object.assign(view, { flash })
      flash.info = ['one']
      t.strictSame(session.get('flash'), {}, 'not seen by the session yet')
      await session.commit()
      t.strictSame((await site.stored(token))?.['flash'], { info: ['one'] })
      flash.info.push('two')
      t.equal(view.flash, flash)
    }),
  )
  t.strictSame((await site.stored(token))?.['flash'], { info: ['one', 'two'] })
  site.store.take()
  await site.get(
    token,
    seen((view) => void view.cart),
  )
  t.strictSame(site.store.take(), ['find'])
  await t.rejects(
    site.app.sessions.find(token).then((session) => session && propertyView(session) && propertyView({ ...session } as ScsSession)),
  )
})

t.test('a change in place gives way to what the session was told since', async (t) => {
  const site = await startSite()
  const told: [string, (session: ScsSession) => unknown, unknown][] = [
    ['put', (session) => session.put('cart', ['c']), ['c']],
    ['clear', (session) => session.clear(), undefined],
    ['destroy', (session) => session.destroy(), undefined],
  ]
  for (const [name, tell, cart] of told) {
    const token = await site.start(DATA)
    await site.post(
      token,
      seen((view, session) => {
        view.cart.push('b')
        const done = tell(session)
        t.strictSame(view.cart, cart, name)
        return done
      }),
    )
    t.strictSame((await site.stored(token))?.['cart'], cart, name)
  }
})

t.test('what a session cannot hold is refused: when it is assigned, and with the reply when it was put in later', async (t) => {
  const site = await startSite()
  const token = await site.start(DATA)
  const refused: [RegExp, (view: View) => unknown][] = [
    [/at bad\.fn: /, (view) => Object.assign(view, { bad: { fn() {} } })],
    [/instance of a class/, (view) => Object.assign(view, { bad: new (class A {})() })],
    [/symbols for keys/, (view) => Object.assign(view, { bad: { [Symbol('s')]: 1 } })],
    [/at bad\.self: /, (view) => Object.assign(view, { bad: inItself() })],
    [/at cart\[1\]: /, (view) => void (view.cart as unknown[]).push(() => {})],
    [/"__x" is reserved/, (view) => Object.assign(view, { __x: 1 })],
    [/is not a string/, (view) => Reflect.set(view, Symbol('x'), 1)],
    [/session\.save cannot be assigned/, (view) => Object.assign(view, { save: 1 })],
    [/session\.cookie\.maxAge cannot be assigned/, (view) => Object.assign(view.cookie, { maxAge: 1 })],
    [/The callback must be a function/, (view) => view.save('x' as unknown as () => void)],
  ]
  for (const [message, fn] of refused) {
    const reply = await site.post(token, seen(fn))
    t.equal(reply.statusCode, 500)
    t.match(reply.json().message, message)
  }
  const failed = await site.post(
    token,
    seen((view) => {
      ;(view.cart as unknown[]).push(() => {})
      throw new Error('by the handler')
    }),
  )
  t.match(failed.json().message, /by the handler/)
  t.strictSame(await site.stored(token), DATA)
  await t.rejects(async () => propertyView({} as ScsSession), { code: 'FST_ERR_SCS_ARGUMENT' })
})

t.test('what Go encodes itself stays that in a view, and every kind of value can be changed in place', async (t) => {
  const site = await startSite({ codec: new GobCodec() })
  const opaque = new OpaqueValue('main.Money', new Uint8Array([7]))
  const at = new Date(0)
  const token = await site.start({
    opaque,
    parts: [opaque, at, new Uint8Array([1]), { a: 1 }],
    map: goType('map[int]bool', new Map([[1, true]])),
  })
  await site.post(
    token,
    seen((view) => {
      t.strictSame(
        [view['opaque'], view['parts'], view['map']],
        [opaque, [opaque, at, new Uint8Array([1]), { a: 1 }], new Map([[1, true]])],
      )
      const own = { money: view['opaque'], n: 1 }
      view['own'] = own
      own.n = 2
      ;(view['map'] as Map<number, boolean>).set(2, false)
      ;(view['parts'] as [unknown, unknown, Uint8Array])[2][0] = 2
    }),
  )
  await site.get(token, (session) => {
    t.strictSame(session.data(), {
      opaque,
      own: { money: opaque, n: 2 },
      parts: [opaque, at, new Uint8Array([2]), { a: 1 }],
      map: new Map([
        [1, true],
        [2, false],
      ]),
    })
  })
  const other = await startSite()
  const set = await other.start({ set: new Set([1]) })
  await other.post(
    set,
    seen((view) => (view['set'] as Set<number>).add(2)),
  )
  await other.get(set, (session) => t.strictSame(session.data(), { set: new Set([1, 2]) }))
})

function inItself(): object {
  const value: Record<string, unknown> = {}
  value['self'] = value
  return value
}
