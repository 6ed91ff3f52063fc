import { AUTHENTICATED_AT, momentAt, OWNER_SINCE, withHistory } from './history.ts'
import { type DataSettings, hasVisible, ownerOf, type Values } from './record.ts'

/** A login that a request makes, and whose it is. */
export interface Login {
  readonly at: number
  /** Undefined while nobody is named. */
  readonly owner: string | undefined
}

/**
 * When the owner of a session logged in; undefined when nobody did. A login is its owner's: whoever a session belongs to by another way, a merge or
 * another request's save, has not logged in. Without the option `owner`, an empty session is nobody's.
 *
 * @param stored what the values were made from
 */
export function authenticatedAt(settings: DataSettings, stored: Values, values: Values, login: Login | undefined): number | undefined {
  const before = momentAt(stored, AUTHENTICATED_AT)
  if (settings.owner === undefined) return hasVisible(values) ? (login?.at ?? before) : undefined
  const owner = ownerOf(settings, values)
  if (owner === undefined) return undefined
  if (login !== undefined && login.owner === owner) return login.at
  return ownerOf(settings, stored) === owner ? before : undefined
}

/** The values with what the session keeps about itself. */
export function withLogin(settings: DataSettings, stored: Values, values: Values, login: Login | undefined): Values {
  const isSame = settings.owner === undefined || ownerOf(settings, stored) === ownerOf(settings, values)
  return withHistory(values, stored, {
    [AUTHENTICATED_AT]: authenticatedAt(settings, stored, values, login),
    ...(isSame ? {} : { [OWNER_SINCE]: undefined }),
  })
}
