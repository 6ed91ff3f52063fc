import { getHashes } from 'node:crypto'
import type { AdoptFunction, FromExpressSessionOptions, FromFastifySessionOptions, FromMgcreaSessionOptions } from '../../types/adopt.ts'
import { OptionError } from '../errors.ts'
import { isObject, type Rules } from '../options/checks.ts'
import { checked, cookieReader, NAME, PLACE, plainValues } from './from-cookie.ts'
import { DESTROY_OLD, OLD_STORE, readOldStore } from './old-store.ts'
import { bytesOf, hmac, isSame, listOf, SECRETS, unsign } from './signature.ts'

const OPTIONAL: Rules = { destroyOld: DESTROY_OLD, cookie: PLACE }

/**
 * For the option `adopt`: carries over the sessions of @fastify/session. It takes the options that the old plugin had; a signature that none of
 * the secrets made is a stranger's. Throws `FST_ERR_SCS_OPTION`.
 */
export function fromFastifySession(options: FromFastifySessionOptions): AdoptFunction {
  const of = 'fromFastifySession'
  const rules: Rules = {
    cookieName: NAME,
    cookiePrefix: [(value) => typeof value === 'string', 'must be a string'],
    algorithm: [(value) => getHashes().includes(String(value)), 'must be a hash that Node has'],
  }
  const given = checked(of, options, { secret: SECRETS, store: OLD_STORE }, { ...rules, ...OPTIONAL })
  const { secret, store, cookieName = 'sessionId', cookiePrefix = '', algorithm, cookie, destroyOld } = given
  return cookieReader({
    ...{ of, name: cookieName, place: cookie },
    read: async (value) => {
      const id = value.startsWith(cookiePrefix) ? unsign(value.slice(cookiePrefix.length), secret, algorithm) : undefined
      return id === undefined ? undefined : await readOldStore(store, id, destroyOld)
    },
  })
}

/**
 * For the option `adopt`: carries over the sessions of express-session. It takes the options that the old middleware had; a signature that none
 * of the secrets made is a stranger's. Throws `FST_ERR_SCS_OPTION`.
 */
export function fromExpressSession(options: FromExpressSessionOptions): AdoptFunction {
  const of = 'fromExpressSession'
  const given = checked(of, options, { secret: SECRETS, store: OLD_STORE }, { name: NAME, ...OPTIONAL })
  const { secret, store, name = 'connect.sid', cookie, destroyOld } = given
  return cookieReader({
    ...{ of, name, place: cookie },
    read: async (value) => {
      const id = value.startsWith('s:') ? unsign(value.slice(2), secret) : undefined
      return id === undefined ? undefined : await readOldStore(store, id, destroyOld)
    },
  })
}

/**
 * For the option `adopt`: carries over the sessions of @mgcrea/fastify-session that are in a store, with its default crypto (HMAC). It takes
 * the options that the old plugin had. Throws `FST_ERR_SCS_OPTION`.
 */
export function fromMgcreaSession(options: FromMgcreaSessionOptions): AdoptFunction {
  const of = 'fromMgcreaSession'
  const given = checked(of, options, { store: OLD_STORE }, { secret: SECRETS, key: SECRETS, cookieName: NAME, ...OPTIONAL })
  const { secret, key, store, cookieName = 'Session', cookie, destroyOld = true } = given
  // A key goes first, and is base64; a secret is not.
  const secrets = key ?? secret
  if (secrets === undefined) throw new OptionError(`${of}.key`, 'or secret must be given')
  const keys = key === undefined ? listOf(secrets) : listOf(secrets).map(bytesOf)
  return cookieReader({
    ...{ of, name: cookieName, place: cookie },
    read: async (value) => {
      const [encoded = '', signature = ''] = value.split('.')
      const id = Buffer.from(encoded, 'base64')
      if (!keys.some((each) => isSame(signature, hmac('sha256', each, id)))) return undefined
      const [session, expiry] = (await store.get(id.toString())) ?? []
      if (!isObject(session) || (typeof expiry === 'number' && expiry <= Date.now())) return undefined
      const end = destroyOld ? () => store.destroy(id.toString()) : undefined
      return { values: plainValues(session, []), end }
    },
  })
}
