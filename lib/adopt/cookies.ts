import type { AdoptedSession, AdoptFunction, FromCookieSessionOptions, FromSecureSessionOptions } from '../../types/adopt.ts'
import { isCount, isPlainObject, isText, type Rules } from '../options/checks.ts'
import { checked, cookieReader, NAME, PLACE, plainValues, valuesOf } from './from-cookie.ts'
import { KEY_BYTES, openSecretBox } from './secretbox.ts'
import { bytesOf, hmac, isSame, listOf } from './signature.ts'

const isKey = (value: unknown) => (typeof value === 'string' || value instanceof Uint8Array) && bytesOf(value).length === KEY_BYTES

const SECURE: Rules = {
  key: [
    (value) => listOf(value as string).length > 0 && listOf(value as string).every(isKey),
    'must be a key of 32 bytes, in base64 or as they are, or a list of them; a secret must be made into one',
  ],
}

const KEYGRIP: Rules = {
  keys: [(value) => Array.isArray(value) && value.length > 0 && value.every(isText), 'must be a list of keys'],
}

/**
 * For the option `adopt`: carries over the sessions of @fastify/secure-session. It takes the options that the old plugin had, and needs no
 * sodium. Such a session is in its cookie alone, so no logout can stop a copy of that: see docs/migrating/secure-session.md. Throws
 * `FST_ERR_SCS_OPTION`.
 */
export function fromSecureSession(options: FromSecureSessionOptions): AdoptFunction {
  const of = 'fromSecureSession'
  const rules: Rules = { cookieName: NAME, cookie: PLACE, expiry: [isCount, 'must be a number of seconds'] }
  const { key, cookieName = 'session', expiry = 86_401, cookie } = checked(of, options, SECURE, rules)
  const keys = listOf(key).map(bytesOf)
  return cookieReader({
    ...{ of, name: cookieName, place: cookie },
    read: (value) => {
      const [box = '', nonce = ''] = value.split(';').map((part) => Buffer.from(part, 'base64'))
      const opened = keys.map((each) => openSecretBox(Buffer.from(box), Buffer.from(nonce), each)).find((each) => each !== undefined)
      return opened === undefined ? undefined : parsed(opened, ({ __ts }) => (Number(__ts) + expiry) * 1000 > Date.now())
    },
  })
}

/**
 * For the option `adopt`: carries over the sessions of cookie-session. It takes the options that the old middleware had. Such a session is in its
 * cookie alone, so no logout can stop a copy of that. Throws `FST_ERR_SCS_OPTION`.
 */
export function fromCookieSession(options: FromCookieSessionOptions): AdoptFunction {
  const of = 'fromCookieSession'
  const { keys, name = 'session', cookie } = checked(of, options, KEYGRIP, { name: NAME, cookie: PLACE })
  return cookieReader({
    ...{ of, name, more: [`${name}.sig`], place: cookie },
    read: (value, request) => {
      const expected = keys.map((key) => hmac('sha1', key, `${name}=${value}`).replace(/\+/g, '-').replace(/\//g, '_'))
      const isSigned = valuesOf(request, `${name}.sig`).some((given) => expected.some((each) => isSame(given, each)))
      return isSigned ? parsed(Buffer.from(value, 'base64'), () => true) : undefined
    },
  })
}

/** The values in bytes of JSON; undefined when there are none that live. */
function parsed(bytes: Uint8Array, lives: (session: Record<string, unknown>) => boolean): AdoptedSession | undefined {
  try {
    const session: unknown = JSON.parse(Buffer.from(bytes).toString())
    return isPlainObject(session) && lives(session) ? { values: plainValues(session, ['__ts']) } : undefined
  } catch {
    return undefined
  }
}
