import type { ScsOptions } from '../../index.ts'
import { hashToken } from '../../lib/token.ts'
import { cookieOf } from '../support/app.ts'
import { type Handler, login, type Site, startSite } from './steps.ts'

/** A site whose sessions have owners, and keep what their clients say. */
export const describedSite = (more: ScsOptions = {}): Promise<Site> =>
  startSite({ owner: 'user', client: ({ ip, headers }) => ({ address: ip, userAgent: headers['user-agent'] }), ...more })

/** A site that limits the sessions of an owner. */
export const limitedSite = (then: 'end-oldest' | 'refuse', perOwner = 2, more: ScsOptions = {}): Promise<Site> =>
  startSite({ owner: 'user', limit: { perOwner, then }, ...more })

/** Sends a request, and returns the token that the client has afterwards. */
export async function tokenFrom(site: Site, token: string | undefined, handler: Handler, userAgent = 'Firefox'): Promise<string> {
  return cookieOf(await site.send('POST', token, handler, { 'user-agent': userAgent })) ?? String(token)
}

/** Logs in, and returns the new token; undefined when the login was refused. */
export const loginOf = async (site: Site, user: string, token?: string): Promise<string | undefined> =>
  cookieOf(await site.post(token, login(user)))

/** Which of the tokens have a session that lives. */
export async function living(site: Site, tokens: readonly (string | undefined)[]): Promise<number[]> {
  const found = await Promise.all(tokens.map((token) => site.stored(String(token))))
  return found.flatMap((values, i) => (values === undefined ? [] : [i]))
}

/** The values of a stored session, with those of the library. */
export async function rawValues(site: Site, token: string): Promise<Record<string, unknown>> {
  const record = await site.store.inner.find(hashToken(token), { expiry: false })
  return JSON.parse(Buffer.from(record?.data ?? []).toString()).values
}

type Within = Parameters<Parameters<Handler>[0]['isFresh']>[0]

/** Whether the login of a session is fresh, as its next request sees it. */
export async function isFresh(site: Site, token: string, within: Within = '10m'): Promise<boolean> {
  return (await site.get(token, (session) => [session.isFresh(within)])).json()[0]
}
