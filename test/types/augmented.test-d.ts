// One augmentation types `request.session` and `app.sessions` everywhere.
import Fastify from 'fastify'
import scsSession, { type ReadonlyDate, type ScsSession } from 'fastify-scs'
import Type, { type Static } from 'typebox'

const SessionSchema = Type.Object({
  userId: Type.String(),
  visits: Type.Optional(Type.Number()),
  role: Type.Union([Type.Literal('user'), Type.Literal('admin')]),
  cart: Type.Array(Type.Object({ sku: Type.String(), tags: Type.Array(Type.String()) })),
  address: Type.Object({ street: Type.String(), geo: Type.Object({ lat: Type.Number() }) }),
  note: Type.Union([Type.String(), Type.Null()]),
})

declare module 'fastify-scs' {
  interface SessionData extends Static<typeof SessionSchema> {
    loginAt: Date
    seen: Map<string, { count: number }>
    flags: Set<string>
    photo: Uint8Array
    hash: Buffer
    keys: { hash: Buffer; id: string }
    digest: Uint8Array & { readonly brand?: 'sha256' }
    salt: Buffer | string
    balance: bigint
    pair: [string, number]
    when: string | Date | undefined
  }
}

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
/** `exactly<T>()(value, true)` compiles when the type of the value is T and no other. */
declare function exactly<Expected>(): <Actual>(value: Actual, same: Same<Actual, Expected>) => void

interface Item {
  readonly sku: string
  readonly tags: readonly string[]
}

const app = Fastify()
app.register(scsSession, { schema: SessionSchema })

app.get('/get', async ({ session }) => {
  exactly<string | undefined>()(session.get('userId'), true)
  exactly<number | undefined>()(session.get('visits'), true)
  exactly<'user' | 'admin' | undefined>()(session.get('role'), true)
  exactly<string | null | undefined>()(session.get('note'), true)
  exactly<bigint | undefined>()(session.get('balance'), true)
  exactly<Uint8Array | undefined>()(session.get('photo'), true)
  exactly<(Uint8Array & { readonly brand?: 'sha256' }) | undefined>()(session.get('digest'), true)
  exactly<undefined>()(session.get('hash'), true)
  exactly<string | undefined>()(session.get('salt'), true)
  exactly<{ readonly hash: never; readonly id: string } | undefined>()(session.get('keys'), true)
  exactly<string | ReadonlyDate | undefined>()(session.get('when'), true)
  exactly<readonly [string, number] | undefined>()(session.get('pair'), true)
  exactly<readonly Item[] | undefined>()(session.get('cart'), true)
  exactly<string | undefined>()(session.pop('userId'), true)
  exactly<boolean>()(session.exists('userId'), true)

  // @ts-expect-error there is no such key
  session.get('userID')
  // @ts-expect-error there is no such key
  session.pop('userID')
  // @ts-expect-error there is no such key
  session.exists('userID')
  // @ts-expect-error a value may be missing
  session.get('userId').length
})

app.get('/fallback', async ({ session }) => {
  exactly<number>()(session.get('visits', 0), true)
  exactly<string>()(session.get('userId', ''), true)
  exactly<'user' | 'admin'>()(session.get('role', 'user'), true)
  exactly<string | null>()(session.get('userId', null), true)
  exactly<string | undefined>()(session.get('userId', undefined), true)
  for (const item of session.get('cart', [])) exactly<Item>()(item, true)
  exactly<number>()(session.get('cart', []).length, true)
  const skus: string[] = session.get('cart', []).map(({ sku }) => sku)

  // @ts-expect-error there is no such key
  session.get('userID', '')
  return skus
})

app.post('/put', async ({ session }) => {
  session.put('userId', 'u1')
  session.put('visits', 1)
  session.put('role', 'admin')
  session.put('note', null)
  session.put('loginAt', new Date())
  session.put('seen', new Map([['a', { count: 1 }]]))
  session.put('flags', new Set(['beta']))
  session.put('photo', new Uint8Array(Buffer.from('…')))
  session.put('digest', new Uint8Array(32))
  session.put('salt', 'text')
  session.put('cart', [{ sku: 'a', tags: [] }])
  session.put('pair', ['a', 1])
  session.set('userId', 'u1')
  session.set('userId', undefined)
  session.remove('userId')

  // @ts-expect-error a session takes no Buffer: it would come back as a Uint8Array
  session.put('hash', Buffer.from('beef', 'hex'))
  // @ts-expect-error nor what merely looks like one
  session.put('hash', new Uint8Array(2))
  // @ts-expect-error nor one beside something else, or inside
  session.put('salt', Buffer.from('…'))
  // @ts-expect-error
  session.put('keys', { hash: Buffer.from('…'), id: '' })
  // @ts-expect-error
  session.set('hash', Buffer.from('…'))
  // @ts-expect-error
  session.update('hash', () => Buffer.from('…'))
  // @ts-expect-error a Uint8Array has no hex
  session.get('photo')?.toString('hex')
  // @ts-expect-error a wrong type
  session.put('userId', 1)
  // @ts-expect-error not one of the roles
  session.put('role', 'root')
  // @ts-expect-error undefined is no value
  session.put('userId', undefined)
  // @ts-expect-error undefined is no value, of an optional property either
  session.put('visits', undefined)
  // @ts-expect-error a part of the value is missing
  session.put('cart', [{ sku: 'a' }])
  // @ts-expect-error there is no such key
  session.put('userID', 'u1')
  // @ts-expect-error a wrong type
  session.set('userId', 1)
  // @ts-expect-error there is no such key
  session.set('userID', 'u1')
  // @ts-expect-error there is no such key
  session.remove('userID')
})

app.post('/update', async ({ session }) => {
  session.update('visits', (visits = 0) => visits + 1)
  session.update('visits', () => undefined)
  session.update('cart', (cart = []) => [...cart, { sku: 'a', tags: [] }])
  session.update('cart', (cart) => {
    exactly<readonly Item[] | undefined>()(cart, true)
    return cart?.filter(({ sku }) => sku !== 'a')
  })
  session.update('seen', (seen = new Map()) => new Map(seen).set('a', { count: 1 }))
  session.update('flags', (flags) => new Set([...(flags ?? []), 'beta']))

  // @ts-expect-error there is no such key
  session.update('visit', () => 1)
  // @ts-expect-error a wrong type
  session.update('visits', () => '1')
  // @ts-expect-error a promise is no value
  session.update('visits', async () => 1)
  // @ts-expect-error the value may be missing
  session.update('visits', (visits) => visits + 1)
  // @ts-expect-error what is handed out cannot be changed in place
  session.update('cart', (cart = []) => cart.reverse())
})

// What is handed out cannot be changed in place, at any depth.
app.get('/readonly', async ({ session }) => {
  const cart = session.get('cart', [])
  const address = session.get('address')
  const loginAt = session.get('loginAt')
  const seen = session.get('seen')
  const flags = session.get('flags')
  // @ts-expect-error
  cart.push({ sku: 'b', tags: [] })
  // @ts-expect-error
  cart[0] = { sku: 'b', tags: [] }
  // @ts-expect-error
  cart[0]?.tags.push('new')
  // @ts-expect-error
  if (address) address.street = ''
  // @ts-expect-error
  if (address) address.geo.lat = 0
  // @ts-expect-error
  loginAt?.setTime(0)
  // @ts-expect-error
  seen?.set('a', { count: 1 })
  // @ts-expect-error
  const seenA = () => seen?.get('a') && (seen.get('a').count = 2)
  // @ts-expect-error
  flags?.add('beta')

  exactly<number | undefined>()(loginAt?.getTime(), true)
  exactly<string | undefined>()(loginAt?.toISOString(), true)
  exactly<number | undefined>()(seen?.get('a')?.count, true)
  exactly<boolean | undefined>()(flags?.has('beta'), true)
  return seenA
})

// What was handed out can be put back, and goes where a value of its type is read.
app.get('/back', async ({ session }) => {
  session.put('cart', session.get('cart', []))
  session.put('address', session.get('address') ?? { street: '', geo: { lat: 0 } })
  session.put('loginAt', session.get('loginAt') ?? new Date())
  session.put('seen', session.get('seen') ?? new Map())
  session.put('flags', session.get('flags') ?? new Set())
  session.put('pair', session.get('pair') ?? ['', 0])
  session.set('cart', session.pop('cart'))
  const street = (address: { readonly street: string }) => address.street
  return street(session.get('address', { street: '', geo: { lat: 0 } }))
})

app.get('/data', async ({ session }) => {
  const data = session.data()
  exactly<string | undefined>()(data.userId, true)
  exactly<readonly Item[] | undefined>()(data.cart, true)
  for (const key of session.keys()) session.remove(key)
  if (session.keys().includes('userId')) session.clear()
  // @ts-expect-error there is no such key
  session.keys().includes('userID')
  // @ts-expect-error there is no such key
  data.userID
})

// A session is handed on by its type.
const greet = (session: ScsSession) => `Hello ${session.get('userId', 'stranger')}`
app.get('/greet', async ({ session }) => greet(session))

app.get('/sessions', async () => {
  await app.sessions.create({ userId: 'u1', role: 'user' })
  for await (const { values } of app.sessions.all()) exactly<string | undefined>()(values.userId, true)
  // @ts-expect-error a wrong type
  await app.sessions.create({ userId: 1 })
  // @ts-expect-error there is no such key
  await app.sessions.create({ userID: 'u1' })
})
