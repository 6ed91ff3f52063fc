import { Readable } from 'node:stream'
import type { Test } from 'tap'
import { hashToken } from '../../../lib/token.ts'
import { type Handler, holdIn, type Method, startSite, turns } from '../../http/steps.ts'
import { cookieOf, setCookies } from '../app.ts'
import type { AttackStore } from './stores.ts'

const fail: Handler = (session) => {
  session.put('late', 1)
  throw new Error('the handler fails')
}

/** What may be in flight while a session ends. */
const FLIGHTS: readonly (readonly [string, Method, Handler])[] = [
  ['a read', 'GET', (session) => session.data()],
  ['a write', 'POST', (session) => session.put('late', 1)],
  ['a write that is incidental', 'GET', (session) => session.put('late', 1)],
  ['a counter', 'POST', (session) => session.update('late', () => 1)],
  ['a handler that throws', 'POST', (session) => session.put('late', 1)],
  ['a stream', 'POST', (session) => void session.put('late', 1)],
  ['a hijacked commit', 'POST', (session) => session.put('late', 1)],
]

/** What a flight still does once it is let go. */
const LANDINGS: Readonly<Record<string, Handler>> = {
  'a handler that throws': fail,
  'a stream': (_session, _request, reply) => {
    reply.type('text/plain')
    return Readable.from(['late'])
  },
  'a hijacked commit': (session) => session.commit().then(() => ({})),
}

/** Attack 1: a request that loaded the session before the logout finishes after it. */
export async function resurrection(t: Test, { store }: AttackStore): Promise<void> {
  const site = await startSite({ store, idleTimeout: '20m', owner: 'user' })
  for (const [name, method, take] of FLIGHTS) {
    const token = await site.start({ user: 'ann' })
    // So that every request has a touch to write as well.
    site.clock.advance(300_000)
    const { handler, held } = holdIn(take)
    const landing = LANDINGS[name]
    const flight = site.send(method, token, async (session, request, reply) => {
      const body = await handler(session, request, reply)
      return landing === undefined ? body : landing(session, request, reply)
    })
    await held.reached
    t.equal((await site.post(token, (session) => session.destroy())).statusCode, 200)
    held.release()
    const reply = await flight
    t.strictSame(setCookies(reply), [], `${name}: no cookie`)
    t.strictSame((await site.get(token)).json(), {}, `${name}: the token is a stranger’s`)
    t.equal(await store.find(hashToken(token), { expiry: false }), undefined, `${name}: no row`)
  }
  t.equal(await site.app.sessions.count(), 0)
}

const AT_ONCE = 16

/** Attack 2: requests at once, each of which puts or removes a key of its own. */
export async function lostUpdate(t: Test, { store }: AttackStore): Promise<void> {
  const site = await startSite({ store })
  const numbers = Array.from({ length: AT_ONCE }, (_, i) => i)
  const token = await site.start(Object.fromEntries(numbers.map((i) => [`old${i}`, i])))
  const edit = (i: number): Handler =>
    i % 2
      ? (session) => session.put(`new${i}`, i)
      : (session) => {
          session.remove(`old${i}`)
          session.update('hits', (n) => Number(n ?? 0) + 1)
        }
  const replies = await Promise.all(numbers.map((i) => site.post(token, edit(i))))
  t.ok(replies.every((reply) => reply.statusCode === 200))
  const odd = numbers.filter((i) => i % 2)
  const wanted = {
    ...Object.fromEntries(
      odd.flatMap((i) => [
        [`old${i}`, i],
        [`new${i}`, i],
      ]),
    ),
    hits: AT_ONCE / 2,
  }
  t.strictSame((await site.get(token)).json(), wanted, 'the union of what all did')
}

const login: Handler = (session) => {
  session.renewToken()
  session.put('user', 'ann')
}

/** Attack 3: "log out everywhere" while somebody logs in, and others renew, write and touch. */
export async function everywhere(t: Test, each: AttackStore): Promise<void> {
  // How far the requests are when it is called.
  for (const head of [0, 2, 5]) await everywhereAfter(t, each, head)
}

async function everywhereAfter(t: Test, { store }: AttackStore, head: number): Promise<void> {
  const site = await startSite({ store, owner: 'user', idleTimeout: '20m' })
  const old = await Promise.all(Array.from({ length: 20 }, () => site.start({ user: 'ann' })))
  const bystander = await site.start({ user: 'bob' })
  site.clock.advance(300_000)
  const acts: readonly Handler[] = [(session) => session.renewToken(), (session) => session.put('x', 1), (session) => session.data()]
  const racing = old.map((token, i) => site.post(token, acts[i % 3]))
  const logins = Array.from({ length: 10 }, () => site.post(undefined, login))
  await turns(head)
  await site.app.sessions.destroyOwnedBy('ann')
  const [moved, fresh] = [await Promise.all(racing), await Promise.all(logins)]
  const cookies = moved.flatMap((reply) => cookieOf(reply) || [])
  const dead = await Promise.all([...old, ...cookies].map(async (token) => (await site.get(token)).json()))
  t.ok(
    dead.every((values) => values.user === undefined),
    'every session that lived when it was called is dead, renewed meanwhile or not',
  )
  const alive = await Promise.all(fresh.map(async (reply) => (await site.get(cookieOf(reply))).json().user === 'ann'))
  const listed = []
  for await (const each of site.app.sessions.ownedBy('ann')) listed.push(each)
  t.equal(listed.length, alive.filter(Boolean).length, 'the owner’s list has later logins and nothing else')
  t.equal((await site.get(bystander)).json().user, 'bob')
  for await (const { key } of store.all()) await store.delete(key)
}

/** Attack 4: the token that was planted before the login, and a request with it in flight meanwhile. */
export async function fixation(t: Test, { store }: AttackStore): Promise<void> {
  const site = await startSite({ store, owner: 'user' })
  const planted = await site.start({ cart: 'tea' })
  const { handler, held } = holdIn((session) => session.put('planted', 1))
  const flight = site.post(planted, handler)
  await held.reached
  const token = cookieOf(await site.post(planted, login))
  held.release()
  t.equal((await flight).statusCode, 409)
  t.strictSame(setCookies(await flight), [])
  t.strictSame((await site.get(planted)).json(), {}, 'the planted token is dead')
  t.strictSame((await site.get(token)).json(), { cart: 'tea', user: 'ann' }, 'nothing was planted in the new session')
  const late = await site.post(planted, (session) => session.put('planted', 1))
  t.equal(late.statusCode, 409, 'the planted token starts no session that would replace the user’s')
  t.equal(await site.app.sessions.count(), 1)
}
