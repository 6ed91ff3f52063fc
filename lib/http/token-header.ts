import type { TokenOptions } from '../../types/options.ts'
import { OptionError } from '../errors.ts'
import { check, readOptions } from '../options/checks.ts'
import { TOKEN_RULES } from '../options/rules.ts'

/** Where a client without cookies brings the token. */
export interface TokenHeader {
  /** In lower case, as Node writes the names of headers. */
  readonly name: string
  /** As it was given. Undefined: the token stands alone. */
  readonly scheme: string | undefined
}

/** Checks the option `token`. Throws `FST_ERR_SCS_OPTION`. */
export function settleTokenHeader(given: TokenOptions): TokenHeader {
  const options = readOptions(given, 'token.')
  check(options, TOKEN_RULES, 'token.')
  const { header, scheme } = options
  if (header === undefined) throw new OptionError('token.header', TOKEN_RULES.header[1])
  const name = header.toLowerCase()
  if (name === 'authorization' && scheme === undefined)
    throw new OptionError('token.scheme', "must be given for the header authorization, for example 'Bearer'")
  return { name, scheme }
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * The token in a request's header, whatever its shape. Undefined when there is no such header, when it is empty, and when it has another
 * scheme (which is compared in any case: RFC 9110, 11.4).
 */
export function readTokenHeader(headers: Headers, { name, scheme }: TokenHeader): string | undefined {
  const value = headers[name]
  // Several values in an array are ignored: which of the tokens is meant is not clear.
  const text = typeof value === 'string' ? value.trim() : ''
  const token = scheme === undefined ? text : withoutScheme(text, scheme)
  return token === '' ? undefined : token
}

function withoutScheme(text: string, scheme: string): string {
  const start = scheme.length
  if (text.slice(0, start).toLowerCase() !== scheme.toLowerCase() || text.charAt(start) !== ' ') return ''
  return text.slice(start).trim()
}
