import type { Test } from 'tap'
import { hashToken } from '../../lib/token.ts'
import { cookieOf, setCookies } from '../support/app.ts'
import { everySchedule } from './schedules.ts'
import { type Handler, type Method, payload, type Reply, type Site } from './steps.ts'

/** What each request does; it is told its own name, so that the results can be told apart. */
const OPERATIONS: Readonly<Record<string, readonly [Method, (name: string) => Handler]>> = {
  read: ['GET', () => (session) => session.data()],
  writeSame: ['POST', (name) => (session) => session.put('same', name)],
  writeOther: ['POST', (name) => (session) => session.put(`by${name}`, name)],
  readAndWrite: ['GET', (name) => (session) => session.put(`by${name}`, name)],
  count: ['POST', () => (session) => session.update('hits', (hits) => Number(hits ?? 0) + 1)],
  pop: ['POST', () => (session) => ({ flash: session.pop('flash') })],
  login: ['POST', (name) => login(name)],
  regenerate: ['POST', (name) => (session) => void session.regenerate(['base']).then(() => session.put('user', name))],
  destroy: ['POST', () => (session) => session.destroy()],
  fail: ['POST', (name) => fail(name)],
}

function login(name: string): Handler {
  return (session) => {
    session.renewToken()
    session.put('user', name)
  }
}

function fail(name: string): Handler {
  return (session) => {
    session.put('half', name)
    throw new Error('the handler fails')
  }
}

const BASE = { base: 'x', flash: 'f', hits: 0, same: 'none' }

interface Outcome {
  readonly old: string
  readonly replies: ReadonlyMap<string, { readonly operation: string; readonly reply: Reply }>
  readonly rows: readonly Record<string, unknown>[]
}

async function look(site: Site, old: string, replies: Outcome['replies']): Promise<Outcome> {
  const rows: Record<string, unknown>[] = []
  for await (const { key, record } of site.store.inner.all()) {
    rows.push(payload(record.data).values)
    await site.store.inner.delete(key)
  }
  return { old, replies, rows }
}

/** What must hold whatever came first. Gives the broken rules. */
function broken({ replies, rows }: Outcome, oldLives: boolean, alive: ReadonlyMap<string, Record<string, unknown> | undefined>): string[] {
  const all = [...replies.entries()].map(([name, { operation, reply }]) => ({ name, operation, reply }))
  const succeeded = (...operations: string[]) =>
    all.filter(({ operation, reply }) => operations.includes(operation) && reply.statusCode === 200)
  const ended = succeeded('destroy').length > 0
  const moved = succeeded('login', 'regenerate').length > 0
  const ends = all.some(({ operation }) => ['destroy', 'login', 'regenerate'].includes(operation))
  const based = rows.filter((row) => row['base'] === 'x')
  const [session = {}] = based
  const rules: [string, boolean][] = [
    ['a token that was destroyed or renewed does not work again', !(oldLives && (ended || moved))],
    ['a destroyed session is nowhere', !ended || based.length === 0],
    ['a session that nobody destroyed is in one place', ended || based.length === 1],
    ['no half-work of a failed request is stored', rows.every((row) => row['half'] === undefined)],
    ['every counted hit is in', ended || moved || session['hits'] === succeeded('count').length],
    [
      'what was popped stays gone',
      ended || !succeeded('pop').some(({ reply }) => reply.json().flash === 'f') || session['flash'] === undefined,
    ],
  ]
  for (const { name, operation, reply } of all) {
    const cookies = setCookies(reply)
    const cookie = cookieOf(reply)
    const expected =
      operation === 'fail' ? [500] : operation === 'read' || operation === 'destroy' || operation === 'readAndWrite' ? [200] : [200, 409]
    const values = cookie === undefined || cookie === '' ? undefined : alive.get(name)
    const mine = { login: ['user', name], regenerate: ['user', name], writeOther: [`by${name}`, name] }[operation]
    const removed = moved && all.some((other) => other.operation === 'regenerate') && operation === 'writeOther'
    rules.push(
      [`${operation} is answered ${expected}`, expected.includes(reply.statusCode)],
      ['409 only when the session ended or moved', reply.statusCode !== 409 || ends],
      ['at most one Set-Cookie', cookies.length <= 1],
      ['none with 409', reply.statusCode !== 409 || cookies.length === 0],
      ['none for what neither starts nor renews a session', cookies.length === 0 || ends],
      ['none for a read', operation !== 'read' || cookies.length === 0],
      [
        'a cookie that was sent works, unless the session was ended',
        cookie === undefined || cookie === '' || ended || values !== undefined,
      ],
      ['a log-out clears the cookie', operation !== 'destroy' || cookie === ''],
    )
    if (reply.statusCode !== 200 || ended || mine === undefined || removed) continue
    const [key = '', value] = mine
    rules.push([`the edit of ${operation} is stored`, (values ?? session)[key] === value || rows.some((row) => row[key] === value)])
    if (key === 'user') rules.push(['everybody is logged in as themselves', values?.['user'] === name])
  }
  const writers = succeeded('writeSame').map(({ name }) => name)
  if (!ended && !moved && writers.length > 0)
    rules.push(['one of those who wrote has the last word', writers.includes(String(session['same']))])
  return rules.filter(([, holds]) => !holds).map(([rule]) => rule)
}

const NAMES = Object.keys(OPERATIONS)
export const PAIRS = NAMES.flatMap((first, i) => NAMES.slice(i).map((second) => [first, second]))
export const TRIPLES = [
  ['writeOther', 'login', 'destroy'],
  ['writeOther', 'login', 'login'],
  ['count', 'count', 'count'],
  ['count', 'login', 'readAndWrite'],
  ['login', 'login', 'destroy'],
]

/** Checks every order of the store calls of some sets of requests; says how many there were. */
export async function everyOrder(t: Test, site: Site, sets: readonly string[][], idle: boolean): Promise<number> {
  let runs = 0
  for (const set of sets) {
    const failures = new Set<string>()
    runs += await everySchedule(site.store, async () => {
      const old = await site.start(BASE)
      if (idle) site.clock.advance(300_000)
      const replies = new Map<string, { operation: string; reply: Reply }>()
      const job = (name: string, operation: string) => async () => {
        const [method, handler] = OPERATIONS[operation] ?? ['GET', () => () => ({})]
        replies.set(name, { operation, reply: await site.send(method, old, handler(name)) })
      }
      return {
        jobs: Object.fromEntries(set.map((operation, i) => ['ABC'.charAt(i), job('ABC'.charAt(i), operation)])),
        check: async (trail) => {
          const oldLives = (await site.store.inner.find(hashToken(old), { expiry: false })) !== undefined
          const alive = new Map<string, Record<string, unknown> | undefined>()
          for (const [name, { reply }] of replies) alive.set(name, await site.stored(cookieOf(reply) ?? ''))
          for (const rule of broken(await look(site, old, replies), oldLives, alive)) failures.add(`${rule} [${trail}]`)
        },
      }
    })
    t.strictSame([...failures], [], set.join(' and '))
  }
  return runs
}
