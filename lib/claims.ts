import type { SessionLogger } from '../types/options.ts'
import type { SessionStore } from '../types/store.ts'
import { OptionError } from './errors.ts'
import type { Settings } from './settings.ts'

/** An application, or a context within it, such as a Fastify instance. A context inherits from the one that it was made in. */
export interface Context {
  readonly server: object
  readonly log: Pick<SessionLogger, 'warn'>
}

interface Claim {
  readonly context: Context
  readonly name: string
  readonly path: string
  readonly domain: unknown
  readonly store: SessionStore
}

const RIVALS =
  'two managers set the same cookie, of which a browser keeps one: unless their stores hold the same sessions, give each a cookie.name or a ' +
  'cookie.path of its own'

/** The cookies and stores that are taken, for each server. */
const claims = new WeakMap<object, readonly Claim[]>()

/**
 * Takes a manager's cookie name for a context. Two managers with one cookie would undo each other's work, so the second throws
 * `FST_ERR_SCS_OPTION`. Two with one store accept each other's tokens, so a warning is logged; another where two contexts beside each other have
 * one cookie, and a browser only one value for it.
 */
export function claimCookie(context: Context, { cookie: { name, path, domain }, store }: Settings): void {
  const all = claims.get(context.server) ?? []
  const near = all.filter((each) => each.context === context || isWithin(context, each.context) || isWithin(each.context, context))
  if (near.some((each) => each.name === name))
    throw new OptionError(
      'cookie.name',
      `is taken: the plugin is registered twice for the cookie ${name}; remove one, or give it a cookie.name and decorators of its own`,
    )
  const cookies = near.filter((each) => each.store === store).map((each) => each.name)
  if (cookies.length > 0)
    context.log.warn({ cookies: [...cookies, name] }, 'managers share a store, so the token of one is a token of the other')
  const others = all.filter((each) => !near.includes(each) && each.store !== store)
  if (others.some((each) => each.name === name && each.domain === domain && overlap(each.path, path)))
    context.log.warn({ cookie: name }, RIVALS)
  claims.set(context.server, [...all, { context, name, path, domain, store }])
}

/** Whether there are requests with which a browser sends cookies of both paths (RFC 6265, 5.1.4). */
function overlap(a: string, b: string): boolean {
  const covers = (outer: string, inner: string) => inner === outer || inner.startsWith(outer.endsWith('/') ? outer : `${outer}/`)
  return covers(a, b) || covers(b, a)
}

function isWithin(inner: Context, outer: Context): boolean {
  return Object.prototype.isPrototypeOf.call(outer, inner)
}
