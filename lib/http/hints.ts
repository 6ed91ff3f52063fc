import type { CookieRequest } from '../../types/options.ts'

const SECURE_OVER_HTTP =
  "the session cookie is Secure and this request came over http, so a browser does not keep it: use https, or, behind a proxy that ends TLS, set Fastify's trustProxy to its address, so that the application sees https"

const FOREIGN_DOMAIN =
  'the session cookie has a domain that is neither the host of this request nor above it, so a browser does not keep it: cookie.domain must be the host, or a domain above it, or left out'

/** Why the browser that sent this request will not keep the session's cookie; undefined when it will, as far as can be told. */
export function cookieHint(
  cookie: { readonly secure: boolean; readonly domain: string | undefined },
  request: CookieRequest,
): string | undefined {
  const { secure, domain } = cookie
  if (secure && request.protocol === 'http' && !isLocal(hostOf(request.hostname))) return SECURE_OVER_HTTP
  return domain !== undefined && !isWithin(hostOf(request.hostname), domain.toLowerCase()) ? FOREIGN_DOMAIN : undefined
}

/** Without port, without the brackets of IPv6, in lower case. */
function hostOf(hostname: string): string {
  const [, inBrackets] = /^\[([^\]]*)\]/.exec(hostname) ?? []
  const host = inBrackets ?? hostname.replace(/^([^:]*):\d*$/, '$1')
  return host.toLowerCase().replace(/\.$/, '')
}

/** What browsers trust as if it came over https (W3C Secure Contexts, 3.1). */
function isLocal(host: string): boolean {
  return isWithin(host, 'localhost') || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host)
}

function isWithin(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`)
}
