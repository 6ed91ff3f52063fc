import type { CookieNews } from './commit.ts'
import { type CookieTemplate, clearCookie, setCookie, templateFor } from './cookie.ts'
import type { Exchange } from './exchange.ts'
import type { ReplyPort } from './headers.ts'
import { cookieHint } from './hints.ts'
import type { Settings } from './options.ts'
import { REMEMBER } from './record.ts'
import type { ReadStored } from './state.ts'

/** Tells the client what became of its session. */
export class CookieSender {
  readonly #settings: Settings
  /** What was said already of cookies that browsers drop. */
  readonly #hints = new Set<string>()

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** The attributes of the cookie for one reply. Throws `FST_ERR_SCS_OPTION` when `cookie.domain` names none for it. */
  templateFor({ template = this.#settings.template, reply }: Exchange): CookieTemplate {
    return templateFor(this.#settings.cookie, template, reply?.request)
  }

  /** Puts the cookie on the reply, unless that has left: then it was no new token, and the old cookie serves. */
  send(exchange: Exchange, template: CookieTemplate, news: CookieNews): string | undefined {
    const { reply } = exchange
    if (news === 'none' || reply === undefined || reply.raw.headersSent || exchange.bringsHeader) return undefined
    const cookie = this.#cookie(template, news, reply)
    exchange.setCookie(reply, cookie)
    return cookie
  }

  #cookie(template: CookieTemplate, news: 'clear' | ReadStored, { request }: ReplyPort): string {
    const { cookie, clock } = this.#settings
    const { domain } = cookie
    const secure = template.secure === 'auto' ? request.protocol === 'https' : template.secure
    if (news === 'clear') return clearCookie(template, secure)
    this.#hint(cookieHint({ secure, domain: typeof domain === 'string' ? domain : undefined }, request))
    const { deadline, values } = news.content
    const persists = template.persist || values[REMEMBER] === true
    return setCookie(template, news.token, persists ? deadline : undefined, clock(), secure)
  }

  /** Once is enough: it is the same for each request. */
  #hint(hint: string | undefined): void {
    if (hint === undefined || this.#hints.has(hint)) return
    this.#hints.add(hint)
    this.#settings.log.warn({ cookie: this.#settings.cookie.name }, hint)
  }
}
