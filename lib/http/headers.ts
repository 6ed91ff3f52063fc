import type { CookieRequest } from '../../types/options.ts'

/** The part of a reply whose headers can be changed; Fastify's reply is one. */
export interface HeaderPort {
  getHeader(name: string): number | string | string[] | undefined
  header(name: string, value: string | string[]): unknown
  removeHeader(name: string): unknown
}

/** The reply of the request, as far as a session needs one. */
export interface ReplyPort extends HeaderPort {
  readonly raw: { readonly headersSent: boolean; on(event: 'finish', listener: () => void): unknown }
  readonly request: CookieRequest
}

/** A directive may hold a comma in quotes. */
const DIRECTIVE = /(?:[^",]|"[^"]*"?)+/g

/** Directives that invite a shared cache to keep a reply with somebody's token. */
const SHARED = /^(?:public$|s-maxage\s*=|s-maxage$)/i

/**
 * What speaks to shared caches alone. To them it goes before Cache-Control (RFC 9213, 2.2; `Surrogate-Control` is its forerunner), so it would
 * undo what that says.
 */
export const TO_SHARED_CACHES: readonly string[] = [
  'cdn-cache-control',
  'surrogate-control',
  'cloudflare-cdn-cache-control',
  'vercel-cdn-cache-control',
  'netlify-cdn-cache-control',
]

const NO_COOKIE = 'no-cache="Set-Cookie"'

/** A Vary value with a name in it, once; undefined when it is in it already. */
export function varyBy(current: string | undefined, name = 'Cookie'): string | undefined {
  if (current === undefined || current.trim() === '') return name
  const names = current.split(',').map((each) => each.trim().toLowerCase())
  return names.includes(name.toLowerCase()) || names.includes('*') ? undefined : `${current}, ${name}`
}

/** The Cache-Control of a reply that sets our cookie: the route's own, with nothing left that lets a shared cache store it. */
export function privateCacheControl(current: string | undefined): string {
  const own = (current?.match(DIRECTIVE) ?? []).map((directive) => directive.trim()).filter((directive) => directive !== '')
  const kept = own.filter((directive) => !SHARED.test(directive))
  const lower = kept.map((directive) => directive.toLowerCase())
  if (kept.length < own.length && !lower.includes('private')) kept.unshift('private')
  if (!lower.includes(NO_COOKIE.toLowerCase())) kept.push(NO_COOKIE)
  return kept.join(', ')
}

/** A header as one string. */
export function headerText(value: number | string | readonly string[] | undefined): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  return typeof value === 'number' ? String(value) : value.join(', ')
}

/** The Set-Cookie lines of a reply but for one of ours. Those set on `reply.raw` are among them: Fastify's own would replace them. */
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

/** Says that the reply depends on a header of the request. */
export function addVary(reply: HeaderPort, name = 'Cookie'): void {
  const current = reply.getHeader('vary')
  if (current === undefined) {
    reply.header('vary', name)
    return
  }
  const vary = varyBy(headerText(current), name)
  if (vary !== undefined) reply.header('vary', vary)
}

/** Puts our Set-Cookie on a reply, in the place of the one that we put there before. */
export function putCookie(reply: HeaderPort, cookie: string, former: string | undefined): void {
  const others = cookiesBut(reply, former)
  if (others.length > 0 || former !== undefined) reply.removeHeader('set-cookie')
  reply.header('set-cookie', others.length > 0 ? [...others, cookie] : cookie)
  keepPrivate(reply)
}

/** Lets no shared cache keep a reply with our Set-Cookie. Where it says so already nothing changes. */
export function keepPrivate(reply: HeaderPort): void {
  reply.header('cache-control', privateCacheControl(headerText(reply.getHeader('cache-control'))))
  for (const name of TO_SHARED_CACHES) if (reply.getHeader(name) !== undefined) reply.header(name, 'no-store')
}

/** What the session has to say of caching to a reply that speaks of it: the headers to change, with their values. */
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
 * What may stay on a reply that is replaced, for it speaks of no particular reply. A list of what must go would never be complete: `Refresh`,
 * `X-Accel-Redirect` or `HX-Redirect` act on the reply that was meant.
 */
const STAYING = new Set([
  // The connection and the server: true of whatever is sent.
  ...['connection', 'keep-alive', 'alt-svc', 'date', 'server'],
  // What a reply depends on: the cookie, and the origin under CORS. Without it a cache would take this one for everybody's.
  'vary',
  // Another manager's session or a CSRF secret was really saved, so the client must learn of it. Ours is not there.
  'set-cookie',
  // How the browser protects the site: the less so the error page, where these were missing.
  ...['strict-transport-security', 'content-security-policy', 'content-security-policy-report-only', 'permissions-policy'],
  ...['referrer-policy', 'origin-agent-cluster', 'x-content-type-options', 'x-dns-prefetch-control', 'x-download-options'],
  ...['x-frame-options', 'x-permitted-cross-domain-policies', 'x-xss-protection'],
  // Where the policies above are reported to.
  ...['report-to', 'reporting-endpoints', 'nel'],
  // Which request it was: what somebody who reports the error can name.
  ...['request-id', 'x-request-id', 'correlation-id', 'x-correlation-id', 'traceparent', 'traceresponse'],
  // How many requests the client has left: this one counted. `retry-after` is not here, for it is that of the reply that was meant.
  ...['ratelimit', 'ratelimit-policy'],
])

/** CORS, without which a page of another origin could not read the error; isolation from other origins; the rate limits in their older form. */
const STAYING_KINDS = /^(?:access-control|cross-origin|(?:x-)?rate-?limit)-/

/** Whether a header, its name in lower case, may stay on a reply that is replaced. */
export function mayStay(name: string): boolean {
  return STAYING.has(name) || STAYING_KINDS.test(name)
}
