import assert from 'node:assert'
import { inspect } from 'node:util'
import type { CreatedSession, ScsSession } from '../../index.ts'
import type { Target } from './fuzz.ts'
import { COOKIE, wrongValue } from './option-pieces.ts'
import { cookie } from './options.ts'
import { type Random, text } from './random.ts'
import { codeOf, FuzzSite, same, stubReply } from './site.ts'
import { makeValue } from './values.ts'

interface Input {
  /** Whether the session is a stored one. */
  readonly stored: boolean
  readonly calls: readonly Call[]
}

const TOKEN = 'T'.repeat(43)
const OTHER = 'O'.repeat(43)

/** What each may throw, beside what all may. */
const DECLARED: Readonly<Record<string, readonly string[]>> = {
  put: ['KEY', 'VALUE'],
  set: ['KEY', 'VALUE'],
  update: ['KEY', 'VALUE', 'ARGUMENT'],
  remove: ['KEY'],
  pop: ['KEY'],
  options: ['OPTION', 'ARGUMENT'],
  // The manager may have ended the session.
  commit: ['TOO_LARGE', 'SUPERSEDED'],
  reload: ['SUPERSEDED'],
  create: ['KEY', 'VALUE', 'ARGUMENT', 'TOO_LARGE'],
}
const OTHERWISE: readonly string[] = ['ARGUMENT']

/** What an application calls a session and a manager with: what is wrong is refused by its name, and what was taken is saved. */
export async function startArgumentTarget(): Promise<Target<Input>> {
  const site = await FuzzSite.start({ owner: 'owner' })
  const good = site.lifecycle.settings.codec.encode(Date.UTC(2031, 0, 1), { kept: 1, list: [1, { a: 'b' }] })
  return {
    name: 'arguments',
    make: (random: Random) => ({ stored: random.once(2), calls: random.list(5, () => makeCall(random, [TOKEN, OTHER])) }),
    show: (input) => inspect(input, { depth: 6, getters: false }),
    close: () => site.close(),
    async check({ stored, calls }) {
      for (const token of [TOKEN, OTHER]) {
        site.forget(token)
        site.plant(token, good)
      }
      const { reply } = stubReply()
      const state = site.lifecycle.begin(reply, site.lifecycle.settings.log, true)
      site.lifecycle.load(state, stored ? { cookie: `session=${TOKEN}` } : {})
      const session = site.lifecycle.session(state) as unknown as ScsSession
      const underWay: Promise<void>[] = []
      for (const call of calls) {
        const made = make(site, call, { session, manager: site.manager } as unknown as Callees)
        if (call.isAwaited) await made
        else underWay.push(made)
      }
      await Promise.all(underWay)
      const data = session.data()
      const failure = await site.lifecycle.conclude(state, 200, 'POST')
      if (failure !== undefined) return mustBeDeclared(failure, 'commit')
      if (session.token !== '') await mustBeSaved(site, session.token, data)
      // What renewals leave behind goes in a minute; a million of them would slow down every look at all sessions.
      site.clock.advance(1000)
      await site.store.inner.deleteExpired(10)
    },
  }
}

type Callees = Record<Callee, Record<string, (...args: readonly unknown[]) => unknown>>

/** Makes a call. What it did to the session shows at once, whether or not it waits for the store. */
async function make(site: FuzzSite, call: Call, callees: Callees): Promise<void> {
  const { callee, method, args } = call
  try {
    const answer = callees[callee][method]?.(...args)
    // It may reject before anybody waits for it.
    if (answer instanceof Promise) answer.catch(() => {})
    if (callee === 'session') mustHold(call, callees.session as unknown as ScsSession)
    if (Symbol.asyncIterator in Object(answer)) for await (const listed of answer as AsyncIterable<unknown>) void listed
    else if (method === 'create') site.forget(((await answer) as CreatedSession).token)
    else await answer
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error
    mustBeDeclared(error, method)
  }
}

function mustBeDeclared(error: unknown, method: string): void {
  const codes = (DECLARED[method] ?? OTHERWISE).map((each) => `FST_ERR_SCS_${each}`)
  assert.ok(codes.includes(codeOf(error)), `${method}() throws ${String((error as Error)?.stack ?? error)}`)
}

/** What a call that was taken comes to. */
function mustHold({ method, args }: Call, session: ScsSession): void {
  const [key, value] = args as [string, unknown]
  if (method === 'put' || (method === 'set' && value !== undefined)) assert.ok(same(value, session.get(key)), `${method}() puts the value`)
  if (method === 'remove' || method === 'pop') assert.equal(session.exists(key), false, `${method}() removes the value`)
  if (method === 'clear' || method === 'destroy') assert.deepEqual(session.keys(), [], `${method}() leaves nothing`)
  mustTell(session)
}

/** What a session says of itself, whatever was done to it. */
function mustTell(session: ScsSession & { readonly expiresAt?: unknown }): void {
  const { deadline, status, token, id, isNew, expiresAt = 0 } = session
  assert.ok(Number.isFinite(deadline.getTime()), 'the deadline is a moment')
  assert.ok(['unmodified', 'modified', 'destroyed'].includes(status), `the status is none: ${status}`)
  assert.ok(typeof token === 'string' && (token === '') === (id === ''), 'there is an id where there is a token')
  assert.equal(token === '', isNew, 'a session without a token is a new one')
  assert.ok(typeof expiresAt === 'number' && expiresAt <= deadline.getTime(), 'a session expires with its deadline or before')
}

async function mustBeSaved(site: FuzzSite, token: string, data: object): Promise<void> {
  const found = await site.manager.find(token)
  assert.ok(found !== undefined, 'what was saved can be read')
  assert.ok(same(data, found.data()), 'what was taken is saved')
  site.forget(token)
}

/** Whose method is called. */
type Callee = 'session' | 'manager'

/** A call as an application could make it that no compiler has seen. */
interface Call {
  readonly callee: Callee
  readonly method: string
  readonly args: readonly unknown[]
  /** Whether the next call comes only when this one is done. */
  readonly isAwaited: boolean
}

type Make = (random: Random, tokens: readonly string[]) => unknown

const key: Make = (random) =>
  random.once(12) ? wrongValue(random) : random.once(2) ? random.pick(['kept', 'list', 'owner', 'a']) : text(random)
const value: Make = (random) => makeValue(random, 20).value
const fn: Make = (random) => {
  const { value } = makeValue(random, 20)
  return random.once(10) ? wrongValue(random) : random.pick([() => value, (given: unknown) => given, () => undefined])
}
const token: Make = (random, tokens) => (random.once(3) ? wrongValue(random) : random.pick([...tokens, 'x', 'A'.repeat(43), '']))
const flag: Make = (random) => (random.once(3) ? wrongValue(random) : random.once(2))
const owner: Make = (random) => (random.once(3) ? wrongValue(random) : random.pick(['ann', 7, 7n, '']))

const DATES: readonly unknown[] = [
  ...[new Date(Date.UTC(2031, 0, 1)), new Date(0), new Date(8.64e15), new Date(-8.64e15), new Date(Number.NaN)],
  ...[new Date(Date.UTC(9999, 11, 31, 23, 59, 58, 999)), new Date(Date.UTC(9999, 11, 31, 23, 59, 59)), Object.create(Date.prototype)],
]
const date: Make = (random) => (random.once(4) ? wrongValue(random) : random.pick(DATES))

/** What stands where an object of options may. */
const extra = (options: readonly unknown[]): Make => {
  const choices = [undefined, {}, null, 5, 'x', [], Symbol('s'), 7n, ...options]
  return (random) => random.pick(choices)
}

const cookieOptions: Make = (random) => {
  if (random.once(8)) return { [random.pick(['maxAge', 'expires', 'userInfo', 'signed', '__proto__x'])]: 1 }
  return random.once(4) ? { secure: random.pick(COOKIE['secure']?.bad ?? []) } : cookie(random, [])
}

const keys: Make = (random) => (random.once(3) ? extra([])(random, []) : random.list(3, () => key(random, [])))

const values: Make = (random) => {
  if (random.once(6)) return extra([new Map(), new Date(0)])(random, [])
  return Object.fromEntries(random.list(3, () => [String(text(random)), value(random, [])]))
}

const CALLS: readonly (readonly [callee: Callee, method: string, ...args: Make[]])[] = [
  ['session', 'put', key, value],
  ['session', 'put', key, value],
  ['session', 'set', key, value],
  ['session', 'update', key, fn],
  ...['get', 'exists', 'pop', 'remove'].map((method) => ['session', method, key] as const),
  ...['keys', 'clear', 'data', 'commit', 'commit', 'reload', 'destroy'].map((method) => ['session', method] as const),
  ['session', 'rememberMe', flag],
  ['session', 'renewToken', extra([{ keepDeadline: true }, { keepDeadline: 'yes' }, { reauthenticated: false }, { reauthenticated: 0 }])],
  ['session', 'isFresh', extra(['10m', 1000, '10 minutes', 0, Number.NaN])],
  ['session', 'regenerate', keys],
  ['session', 'options', cookieOptions],
  ['session', 'setDeadline', date],
  ['session', 'mergeSession', token],
  ['manager', 'create', values],
  ['manager', 'find', token],
  ['manager', 'destroy', token, extra([{ owner: 'ann' }, { owner: null }, { owner: {} }])],
  ['manager', 'destroyOwnedBy', owner, extra([{ except: 5 }, { except: null }, { except: {} }, { except: undefined }])],
  ['manager', 'ownedBy', owner, extra([{ current: 5 }, { current: null }, { current: {} }, { current: undefined }])],
  ['manager', 'ping'],
]

function makeCall(random: Random, tokens: readonly string[]): Call {
  const [callee, method, ...makes] = random.pick(CALLS)
  return { callee, method, args: makes.map((make) => make(random, tokens)), isAwaited: !random.once(3) }
}
