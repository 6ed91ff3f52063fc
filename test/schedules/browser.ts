import { CookieJar } from 'tough-cookie'
import { keyOf } from './explore.ts'
import type { Answered, Outcome } from './laws.ts'

const SITE = 'http://shop.test/'

/** A browser's cookies, after RFC 6265. */
export class Browser {
  readonly #jar = new CookieJar()

  constructor(token: string | undefined) {
    if (token !== undefined) this.#jar.setCookieSync(`session=${token}; Path=/; HttpOnly; SameSite=Lax`, SITE)
  }

  take(cookies: readonly string[]): void {
    for (const cookie of cookies) this.#jar.setCookieSync(cookie, SITE)
  }

  /** The token that the next request carries. */
  get token(): string | undefined {
    return this.#jar.getCookiesSync(SITE).find(({ key }) => key === 'session')?.value
  }
}

/** Every order of some things. */
export function permutations<T>(of: readonly T[]): T[][] {
  if (of.length < 2) return [[...of]]
  return of.flatMap((first, i) => permutations([...of.slice(0, i), ...of.slice(i + 1)]).map((others) => [first, ...others]))
}

/**
 * Delivers the replies to a browser in every order, and says in which of them its user is not left logged in as one of the completed logins, or
 * logged out by a logout. A reply without a cookie changes nothing in a browser, wherever it comes.
 */
export function brokenInBrowser(outcome: Outcome, start: string): string[] {
  const replies = [...outcome.answers].filter(([, { cookies }]) => cookies.length > 0)
  if (replies.length === 0) return []
  return permutations(replies).flatMap((order) => {
    const browser = new Browser(start)
    for (const [, { cookies }] of order) browser.take(cookies)
    const wrong = leftWrong(outcome, browser.token, order.at(-1)?.[1])
    return wrong === undefined ? [] : [`${wrong} when the replies come ${order.map(([name]) => name).join(', ')}`]
  })
}

function leftWrong({ ledger, rows }: Outcome, token: string | undefined, last: Answered | undefined): string | undefined {
  const operations = [...ledger.accounts.values()].map(({ operation }) => operation)
  if (token === undefined) return last?.token === '' ? undefined : 'a browser is logged out by something that is no logout'
  if (last?.token !== token) return 'a browser does not have the last cookie that it got'
  const ended = operations.some(({ ends }) => ends)
  return rows.has(keyOf(token)) || ended ? undefined : 'a browser has a dead token, and nobody logged out'
}
