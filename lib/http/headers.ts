import type { CookieRequest } from '../../types/options.ts'

/** The part of a reply whose headers can be changed; Fastify's reply is one. */
export interface HeaderPort {
  getHeader(name: string): number | string | string[] | undefined
  header(name: string, value: string | string[]): unknown
  removeHeader(name: string): unknown
}

/** Node's reply. */
interface RawReply {
  readonly headersSent: boolean
  /** Whether somebody ended it. */
  readonly writableEnded: boolean
  /** Whether it is over. */
  readonly closed?: boolean
  on(event: 'close', listener: () => void): unknown
}

/** The reply of the request, as far as a session needs one. */
export interface ReplyPort extends HeaderPort {
  readonly raw: RawReply
  /** Whether it was hijacked or has ended. */
  readonly sent: boolean
  readonly request: CookieRequest
}

/** A directive may hold a comma in quotes. */
const DIRECTIVE = /(?:[^",]|"[^"]*"?)+/g

/** Directives that allow a shared cache to keep a reply. */
const SHARED = /^(?:public$|s-maxage\s*=|s-maxage$)/i

/**
 * Headers for shared caches alone. They override Cache-Control there (RFC 9213, 2.2; `Surrogate-Control` came before it), so they must be
 * changed as well.
 */
export const TO_SHARED_CACHES: readonly string[] = [
  'cdn-cache-control',
  'surrogate-control',
  'cloudflare-cdn-cache-control',
  'vercel-cdn-cache-control',
  'netlify-cdn-cache-control',
]

const NO_COOKIE = 'no-cache="Set-Cookie"'

/** A Vary value with a name added; undefined when it has the name already. */
export function varyBy(current: string | undefined, name = 'Cookie'): string | undefined {
  if (current === undefined || current.trim() === '') return name
  const names = current.split(',').map((each) => each.trim().toLowerCase())
  return names.includes(name.toLowerCase()) || names.includes('*') ? undefined : `${current}, ${name}`
}

/** The Cache-Control of a reply that sets our cookie: the route's own, with nothing left that lets a shared cache store it. */
export function privateCacheControl(current: string | undefined): string {
  if (current === undefined) return NO_COOKIE
  const directives = (current.match(DIRECTIVE) ?? []).map((directive) => directive.trim()).filter((directive) => directive !== '')
  const kept = directives.filter((directive) => !SHARED.test(directive))
  const lower = kept.map((directive) => directive.toLowerCase())
  if (kept.length < directives.length && !lower.includes('private')) kept.unshift('private')
  if (!lower.includes(NO_COOKIE.toLowerCase())) kept.push(NO_COOKIE)
  return kept.join(', ')
}

/** A header as one string. */
export function headerText(value: number | string | readonly string[] | undefined): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  return typeof value === 'number' ? String(value) : value.join(', ')
}

/** The Set-Cookie lines of a reply without ours. Those that were set on `reply.raw` are included, or Fastify would replace them. */
function cookiesBut(reply: HeaderPort, ours: string | undefined): string[] {
  const present = [reply.getHeader('set-cookie') ?? []].flat().map(String)
  return present.filter((each) => each !== ours)
}

/** Takes our Set-Cookie off a reply. */
export function withdrawCookie(reply: HeaderPort, cookie: string): void {
  const others = cookiesBut(reply, cookie)
  reply.removeHeader('set-cookie')
  if (others.length > 0) reply.header('set-cookie', others)
}

/** Adds a request header to the reply's Vary. */
export function addVary(reply: HeaderPort, name = 'Cookie'): void {
  const current = reply.getHeader('vary')
  if (current === undefined) {
    reply.header('vary', name)
    return
  }
  const vary = varyBy(headerText(current), name)
  if (vary !== undefined) reply.header('vary', vary)
}

/** Puts our Set-Cookie on a reply, in place of the one that we put there before. */
export function putCookie(reply: HeaderPort, cookie: string, former: string | undefined): void {
  const others = cookiesBut(reply, former)
  if (others.length > 0 || former !== undefined) reply.removeHeader('set-cookie')
  reply.header('set-cookie', others.length > 0 ? [...others, cookie] : cookie)
  keepPrivate(reply)
}

/** Forbids shared caches to keep a reply with our Set-Cookie. */
export function keepPrivate(reply: HeaderPort): void {
  reply.header('cache-control', privateCacheControl(headerText(reply.getHeader('cache-control'))))
  for (const name of TO_SHARED_CACHES) if (reply.getHeader(name) !== undefined) reply.header(name, 'no-store')
}

/** The caching headers of a Response that must change, with their new values: only those that it has. */
export function cachingHeaders(
  get: (name: string) => string | undefined,
  setsCookie: boolean,
  variesBy: readonly string[],
): readonly (readonly [name: string, value: string])[] {
  const [theirs, caching] = [get('vary'), get('cache-control')]
  const vary = theirs === undefined ? undefined : variesBy.reduce((current, name) => varyBy(current, name) ?? current, theirs)
  const changes: [string, string][] = vary === undefined || vary === theirs ? [] : [['vary', vary]]
  if (!setsCookie) return changes
  if (caching !== undefined) changes.push(['cache-control', privateCacheControl(caching)])
  for (const name of TO_SHARED_CACHES) if (get(name) !== undefined) changes.push([name, 'no-store'])
  return changes
}

/**
 * The headers that may stay on a reply that is replaced, because they are not about that reply. A list of those that must go would never be
 * complete: `Refresh`, `X-Accel-Redirect` and `HX-Redirect` belong to the reply that was meant, for example.
 */
const STAYING = new Set([
  // The connection and the server: true of whatever is sent.
  ...['connection', 'keep-alive', 'alt-svc', 'date', 'server'],
  // The reply depends on the cookie, and on the origin under CORS. Without Vary a cache would send it to everybody.
  'vary',
  // Another manager's session or a CSRF secret may have been saved, so the client must get its cookie. Ours is not among them.
  'set-cookie',
  // How the browser protects the site: an error page needs it as well.
  ...['strict-transport-security', 'content-security-policy', 'content-security-policy-report-only', 'permissions-policy'],
  ...['referrer-policy', 'origin-agent-cluster', 'x-content-type-options', 'x-dns-prefetch-control', 'x-download-options'],
  ...['x-frame-options', 'x-permitted-cross-domain-policies', 'x-xss-protection'],
  // Where the policies above are reported to.
  ...['report-to', 'reporting-endpoints', 'nel'],
  // The id of the request, for whoever reports the error.
  ...['request-id', 'x-request-id', 'correlation-id', 'x-correlation-id', 'traceparent', 'traceresponse'],
  // How many requests the client has left: this one counted. `retry-after` is not here: it belongs to the reply that was meant.
  ...['ratelimit', 'ratelimit-policy'],
])

/** CORS, without which a page of another origin could not read the error; isolation from other origins; the rate limits in their older form. */
const STAYING_KINDS = /^(?:access-control|cross-origin|(?:x-)?rate-?limit)-/

/** Whether a header, its name in lower case, may stay on a reply that is replaced. */
export function mayStay(name: string): boolean {
  return STAYING.has(name) || STAYING_KINDS.test(name)
}
