import Fastify, { type FastifyInstance, type LightMyRequestResponse } from 'fastify'
import t from 'tap'
import scsSession, { MemoryStore, type ScsOptions } from '../../index.ts'
import { reservationKey } from '../../lib/token.ts'
import { cookieOf } from '../support/app.ts'
import { fakeClock } from '../support/clock.ts'
import { randomOf } from '../support/random.ts'
import { SEED } from '../support/seed.ts'
import { keyOf } from './explore.ts'
import { GatedStore } from './gated-store.ts'
import { type Fault, nextPrefix, play } from './scheduler.ts'

t.setTimeout(0)

type Kind = 'login' | 'guestLogin' | 'again' | 'logout'

/** Sessions that live already, requests that begin at once, and what goes wrong with the first of them. */
interface Scene {
  readonly then: 'end-oldest' | 'refuse'
  readonly perOwner: number
  readonly before: number
  readonly kinds: readonly Kind[]
  readonly fault?: Fault
}

async function makeApp(options: ScsOptions): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(scsSession, options)
  app.post('/login', async ({ session }) => {
    session.renewToken()
    session.put('user', 'ann')
  })
  app.post('/logout', async ({ session }) => session.destroy())
  return app
}

/** Applications with a limit, as of several processes, whose store calls a schedule orders. */
async function makeBank({ then, perOwner }: Pick<Scene, 'then' | 'perOwner'>) {
  const clock = fakeClock()
  const store = new GatedStore(new MemoryStore({ clock, maxSessions: 500 }), clock)
  const options: ScsOptions = { store, clock, owner: 'user', limit: { perOwner, then } }
  const [app, ...apps] = (await Promise.all(Array.from({ length: 5 }, () => makeApp(options)))) as [FastifyInstance, ...FastifyInstance[]]
  return { app, apps, clock, store }
}

type Bank = Awaited<ReturnType<typeof makeBank>>

interface Outcome {
  readonly replies: readonly LightMyRequestResponse[]
  readonly owned: number
  readonly reserved: boolean
  readonly taken: readonly number[]
  readonly choices: readonly number[]
  readonly trail: string
}

/** One run of a scene, in the order that `choose` says. */
async function run({ app, apps, clock, store }: Bank, scene: Scene, choose: (options: number, point: number) => number): Promise<Outcome> {
  const sessions: Record<string, string>[] = []
  for (let i = 0; i < scene.before; i++) {
    sessions.push((await app.sessions.create({ user: 'ann' })).cookie)
    clock.advance(1000)
  }
  const guest = (await app.sessions.create({ cart: 1 })).cookie
  const replies: LightMyRequestResponse[] = []
  const send = async (kind: Kind, app: FastifyInstance) => {
    const cookies = kind === 'login' ? {} : kind === 'guestLogin' ? guest : (sessions[0] ?? {})
    replies.push(await app.inject({ method: 'POST', url: kind === 'logout' ? '/logout' : '/login', cookies }))
  }
  const job = (kind: Kind, i: number) => [
    String.fromCharCode(65 + i),
    { run: () => send(kind, apps[i] as FastifyInstance), ...(i === 0 && scene.fault !== undefined ? { fault: scene.fault } : {}) },
  ]
  const played = await play(store, Object.fromEntries(scene.kinds.map(job)), choose)
  const reserved = await store.inner.find(reservationKey('ann'), { expiry: false })
  const owned = await app.sessions.destroyOwnedBy('ann')
  await store.inner.delete(keyOf(String(guest['session'])))
  // What is left in the store, renewal records and reservations, ends.
  clock.advance(60_000)
  return { replies, owned, reserved: reserved !== undefined && !/"{}"/.test(Buffer.from(reserved.data).toString()), ...played }
}

const LOGINS: ReadonlySet<Kind> = new Set(['login', 'guestLogin'])

/** What a run must not have come to. */
function broken({ then, perOwner, before, kinds }: Scene, { replies, owned, reserved }: Outcome): string[] {
  const logins = kinds.filter((kind) => LOGINS.has(kind)).length
  const logouts = kinds.filter((kind) => kind === 'logout').length
  const most = Math.min(perOwner, before + logins)
  const complaints: string[] = []
  // A logout may make room for a login that came just before, or too late for it.
  if (owned > most || owned < Math.min(most, before + logins - logouts, logouts > 0 ? most - logouts : most))
    complaints.push(`${owned} sessions live, and not ${most}`)
  const saved = replies.filter((reply) => reply.statusCode === 200 && cookieOf(reply)).length
  for (const reply of replies) {
    // The session in which somebody logs in again may have ended as the oldest.
    if (kinds.includes('again') && then === 'end-oldest' && reply.body.includes('FST_ERR_SCS_SUPERSEDED')) continue
    if (reply.statusCode === 409 ? then !== 'refuse' || cookieOf(reply) !== undefined : reply.statusCode !== 200)
      complaints.push(`a reply is ${reply.statusCode} ${reply.body}, with the cookie ${cookieOf(reply)}`)
  }
  if (then === 'refuse' && logouts === 0 && !kinds.includes('again') && saved !== Math.min(perOwner - before, logins))
    complaints.push(`${saved} logins were saved`)
  if (reserved) complaints.push('a place is still reserved')
  return complaints
}

/** Every order of the store calls of a scene. */
async function everyOrder(scene: Scene): Promise<{ runs: number; findings: string[] }> {
  const bank = await makeBank(scene)
  const findings: string[] = []
  let runs = 0
  for (let prefix: number[] | undefined = []; prefix !== undefined; runs++) {
    const taken: readonly number[] = prefix
    const outcome = await run(bank, scene, (_options, point) => taken[point] ?? 0)
    for (const complaint of broken(scene, outcome)) findings.push(`[${outcome.trail}]: ${complaint}`)
    prefix = nextPrefix(outcome)
  }
  return { runs, findings: findings.slice(0, 10) }
}

const EMPTY = [1, 0] as const
const FULL = [2, 1] as const
const BOTH = [EMPTY, FULL]

t.test('exactly as many sessions live as the limit says, in every order of the store calls of two logins', async (t) => {
  const pairs: (readonly Kind[])[] = [
    ['login', 'login'],
    ['login', 'guestLogin'],
    ['guestLogin', 'guestLogin'],
    ['login', 'logout'],
  ]
  for (const then of ['end-oldest', 'refuse'] as const) {
    for (const kinds of pairs) {
      for (const [perOwner, before] of kinds === pairs[0] ? BOTH : [kinds.includes('logout') ? FULL : EMPTY]) {
        const { runs, findings } = await everyOrder({ then, perOwner, before, kinds })
        t.strictSame(findings, [], `${then}, ${perOwner} of ${before} and ${kinds}: ${runs} orders`)
      }
    }
  }
})

t.test('and in random orders of three and four requests, a login again in a session that lives among them', async (t) => {
  const scenes: Omit<Scene, 'then'>[] = [
    { perOwner: 1, before: 0, kinds: ['login', 'login', 'login'] },
    { perOwner: 2, before: 1, kinds: ['login', 'guestLogin', 'guestLogin', 'login'] },
    { perOwner: 2, before: 2, kinds: ['login', 'again', 'login'] },
    { perOwner: 2, before: 2, kinds: ['login', 'logout', 'guestLogin'] },
    { perOwner: 3, before: 2, kinds: ['login', 'again', 'again', 'login'] },
  ]
  const next = randomOf(SEED)
  for (const then of ['end-oldest', 'refuse'] as const) {
    for (const scene of scenes) {
      const bank = await makeBank({ ...scene, then })
      const findings: string[] = []
      for (let i = 0; i < 200; i++) {
        const outcome = await run(bank, { ...scene, then }, (options) => Math.floor(next() * options))
        for (const complaint of broken({ ...scene, then }, outcome)) findings.push(`[${outcome.trail}]: ${complaint}`)
      }
      t.strictSame(findings.slice(0, 10), [], `${then}, ${scene.perOwner} of ${scene.before} and ${scene.kinds}, SCS_SEED=${SEED}`)
    }
  }
})

t.test('what happens to one login leaves no more sessions than the limit, and no place taken for longer than its time', async (t) => {
  for (const then of ['end-oldest', 'refuse'] as const) {
    const scene: Scene = { then, perOwner: 1, before: 0, kinds: ['login', 'login'] }
    const bank = await makeBank(scene)
    for (const fate of ['drop', 'lose', 'refuse', 'break'] as const) {
      for (let at = 0; at < 7; at++) {
        const next = randomOf(at)
        for (let i = 0; i < 8; i++) {
          const outcome = await run(bank, { ...scene, fault: { at, fate } }, (options) => Math.floor(next() * options))
          // A login that died before it could end the others leaves that to the next one.
          const most = then === 'refuse' ? 1 : 2
          if (outcome.owned > most) t.fail(`${then}, ${fate} at ${at} [${outcome.trail}]: ${outcome.owned} sessions live`)
          // A minute has passed since.
          const reply = await bank.app.inject({ method: 'POST', url: '/login' })
          t.equal(reply.statusCode, 200, `${then}, ${fate} at ${at} [${outcome.trail}]: the next login`)
          t.equal(await bank.app.sessions.destroyOwnedBy('ann'), 1)
        }
      }
    }
  }
})
