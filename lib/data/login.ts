import { AUTHENTICATED_AT, momentAt, OWNER_SINCE, withHistory } from './history.ts'
import { type DataSettings, hasVisible, ownerOf, type Values } from './record.ts'

/** A login that a request makes, and whose it is: undefined when that cannot be said. `'over'`: the login that is stored has ended. */
export type Login = { readonly at: number; readonly owner: string | undefined } | 'over'

/**
 * When the owner of a session logged in; undefined when nobody did. A login is its owner's: whoever a session belongs to by another way, a merge or
 * another request's save, has not logged in. Without the option `owner`, an empty session is nobody's.
 *
 * @param stored what the values were made from
 */
export function authenticatedAt(settings: DataSettings, stored: Values, values: Values, login: Login | undefined): number | undefined {
  const before = login === 'over' ? undefined : momentAt(stored, AUTHENTICATED_AT)
  const made = login === 'over' ? undefined : login
  if (settings.owner === undefined) return hasVisible(values) ? (made?.at ?? before) : undefined
  const owner = ownerOf(settings, values)
  if (owner === undefined) return undefined
  if (made !== undefined && made.owner === owner) return made.at
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
