import type { SessionLogger } from '../types/options.ts'
import { ArgumentError, AssignError, UnsupportedError } from './errors.ts'

const VIEW = 'a library that needs it gets propertyView(request.session)'

/** What sessions of other libraries have, and what to use here instead. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['save', `does not exist: a session is saved when the reply leaves, or by await session.commit(); ${VIEW}`],
  ['touch', 'does not exist: every request prolongs the idle timeout; for another deadline call session.setDeadline(date)'],
  ['delete', 'does not exist: await session.destroy() ends the session, session.remove(key) removes a value'],
  ['has', 'does not exist: call session.exists(key)'],
  ['flash', 'does not exist: put the message, and call session.pop(key) where it is shown, or register @fastify/flash'],
])

/** Properties that hold no value, and what changes them here. */
const CHANGES: ReadonlyMap<string | symbol, string> = new Map(
  Object.entries({
    id: 'session.renewToken()',
    token: 'session.renewToken()',
    deadline: 'session.setDeadline(date)',
    expiresAt: 'session.setDeadline(date)',
    createdAt: 'session.destroy() and start a new one',
    authenticatedAt: 'session.renewToken()',
    client: 'session.renewToken(), with the option client',
    cookie: 'session.options(attributes) or session.setDeadline(date)',
  }),
)

/** A session, as far as its values are concerned. */
interface Holder {
  readonly refusal: unknown
  readonly values: object
}

/**
 * Tells those who treat a session as another library's: to assign a property (`session.userId = 1`), which sloppy code would lose silently, to read
 * a value as one, and to call what only other sessions have, throws. What a session really has is found first, and costs nothing more.
 */
export function refuseHabits(holderOf: (session: unknown) => Holder | undefined, ...prototypes: readonly object[]): void {
  for (const prototype of prototypes) {
    for (const [name, { value, get = () => value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      Object.defineProperty(prototype, name, { get, set: () => refuse(prototype, name) })
    }
  }
  const get = (target: object, name: string | symbol, session: unknown) =>
    typeof name === 'symbol' || name in target ? Reflect.get(target, name, session) : refuseRead(name, holderOf(session))
  Object.setPrototypeOf(Object(prototypes.at(-1)), new Proxy(Object.create(Object.prototype), { set: refuse, get }))
}

function refuse(_target: object, name: string | symbol): never {
  throw new AssignError(`session.${String(name)}`, CHANGES.get(name) ?? `session.put('${String(name)}', value)`)
}

/** What an `await`, Fastify, loggers and comparisons ask of any object, to learn what it is. */
const PROBED = new Set([
  ...['then', 'toJSON', 'length', 'size', 'type', 'name', 'message', 'stack', 'code', 'statusCode'],
  ...['method', 'headers', 'socket', 'pipe', 'getReader', 'nodeType', 'asymmetricMatch'],
])

/** Undefined for what nobody has: libraries look so for what a session can do, and an `await` for `then`. */
function refuseRead(name: string, holder: Holder | undefined): unknown {
  const instead = ELSEWHERE.get(name)
  if (instead !== undefined)
    return () => {
      throw new UnsupportedError(`session.${name}()`, instead)
    }
  if (name === 'cookie')
    throw new UnsupportedError(
      'session.cookie',
      `does not exist: session.options(attributes) changes the cookie of this reply, session.setDeadline(date) when it ends; ${VIEW}`,
    )
  if (!PROBED.has(name) && holder?.refusal === undefined && Object.hasOwn(holder?.values ?? {}, name))
    throw new UnsupportedError(`session.${name}`, `is not how a value is read: call session.get('${name}')`)
  return undefined
}

/** Throws at once for a callback, which nobody would call. */
export function refuseCallback(callback: unknown, call: string): void {
  if (typeof callback === 'function') throw new ArgumentError(`session.${call}`, `takes no callback: write await session.${call}`)
}

/** Throws for what cannot be the keys that `regenerate` keeps. */
export function mustBeKeep(keep: unknown): void {
  refuseCallback(keep, 'regenerate()')
  if (!Array.isArray(keep)) throw new ArgumentError('regenerate(keep)', 'needs an array of keys')
}

const NO_ARRAY = ['length', 'map', 'filter', 'forEach', 'find', 'some', 'every', 'reduce', 'at', Symbol.iterator]

/** Makes a listing tell those who take it for an array. It is read in batches, so there is none. */
export function notAnArray<T extends object>(listing: T, call: string): T {
  const get = () => {
    throw new UnsupportedError(`app.sessions.${call}`, 'is no array: read it with for await (const each of …)')
  }
  for (const name of NO_ARRAY) Object.defineProperty(listing, name, { get })
  return listing
}

/** What V8 says of a change of a frozen value. */
const FROZEN = /^Cannot (?:add|delete|assign to read only|define) property/

/** Adds a line to the log where a handler failed to change in place what a session handed out: V8 does not say what to do instead. */
export function tellOfFrozen(error: unknown, log: SessionLogger): void {
  if (error instanceof TypeError && FROZEN.test(error.message))
    log.warn({}, 'a frozen value was changed in place: where session.get(key) returned it, call session.update(key, (value) => newValue)')
}

/** Told and not thrown: what a client sends as a token must not become an error of the server. */
export function tellOfCookieHeader(text: string, { cookie, log }: { cookie: { name: string }; log: SessionLogger }): void {
  if (text.includes(`${cookie.name}=`)) log.warn({}, `find(token) got a whole Cookie header: give it the value of ${cookie.name} alone`)
}
