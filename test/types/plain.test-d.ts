// Without an augmentation any string is a key, and values are unknown.
import Fastify, { type FastifyContextConfig } from 'fastify'
import scsSession, { type ScsSession, type SessionStatus } from 'fastify-scs'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
/** `exactly<T>()(value, true)` compiles when the type of the value is T and no other. */
declare function exactly<Expected>(): <Actual>(value: Actual, same: Same<Actual, Expected>) => void

const app = Fastify()
app.register(scsSession)

app.get('/', async (request) => {
  const { session } = request
  exactly<ScsSession>()(session, true)

  exactly<unknown>()(session.get('userId'), true)
  exactly<unknown>()(session.get('visits', 0), true)
  exactly<unknown>()(session.pop('notice'), true)
  exactly<boolean>()(session.exists('userId'), true)
  exactly<string[]>()(session.keys(), true)
  exactly<{ [x: string]: unknown }>()(session.data(), true)

  session.put('cart', [{ sku: 'a', count: 1 }])
  session.put('at', new Date())
  session.set('cart', undefined)
  session.remove('cart')
  session.update('visits', (visits) => {
    exactly<unknown>()(visits, true)
    return typeof visits === 'number' ? visits + 1 : 1
  })

  // @ts-expect-error a key is a string
  session.put(1, 'u1')
  // @ts-expect-error a key is a string
  session.get(Symbol('userId'))
  // @ts-expect-error put needs a value: remove takes one away
  session.put('userId')
  // @ts-expect-error update needs a function
  session.update('visits', 1)
  // @ts-expect-error a value is unknown until it is looked at
  session.get('userId').length
  // @ts-expect-error values are no properties of the session
  session.userId = 'u1'
  // @ts-expect-error the session of a request stays the one it is
  request.session = session
})

app.post('/', async ({ session }) => {
  exactly<SessionStatus>()(session.status, true)
  exactly<string>()(session.token, true)
  exactly<string>()(session.id, true)
  exactly<boolean>()(session.isNew, true)
  exactly<Date>()(session.deadline, true)
  exactly<Promise<string | undefined>>()(session.commit(), true)
  exactly<Promise<void>>()(session.destroy(), true)
  exactly<Promise<void>>()(session.mergeSession('token'), true)
  exactly<Promise<void>>()(session.regenerate(['cart']), true)

  session.clear()
  session.rememberMe(true)
  session.renewToken()
  session.renewToken({ keepDeadline: true })
  session.setDeadline(new Date())
  session.options({ sameSite: 'strict', secure: 'auto' })

  // @ts-expect-error there is no such option
  session.renewToken({ keep: true })
  // @ts-expect-error a deadline is a Date
  session.setDeadline(Date.now())
  // @ts-expect-error path and domain cannot differ from reply to reply
  session.options({ path: '/admin' })
  // @ts-expect-error the token is made by the library
  session.token = 'mine'
  // @ts-expect-error setDeadline sets it
  session.deadline = new Date()
})

app.get('/health', { config: { session: false } }, async () => 'ok')
app.get('/poll', { config: { session: { touch: false } } }, async () => 'ok')
// Fastify widens the `config` of a route, so these are held against its type.
// @ts-expect-error a session is off with false, or as it is
export const on: FastifyContextConfig = { session: true }
// @ts-expect-error there is no such setting
export const typo: FastifyContextConfig = { session: { touches: false } }
