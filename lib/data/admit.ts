import { ValueError } from '../errors.ts'
import { type DataSettings, isReserved, ownerText } from './record.ts'
import { seal } from './values.ts'

/** Makes a value the session's own, or throws why it cannot. Undefined, which removes, always may. */
export function admit(settings: DataSettings, key: string, value: unknown): unknown {
  if (value === undefined) return undefined
  if (!isReserved(key)) check(settings, key, value)
  return seal(value, key, settings.maxBytes).value
}

function check({ owner, schema }: DataSettings, key: string, value: unknown): void {
  // A session whose owner cannot be told would be missed by every logout of that owner.
  if (key === owner && ownerText(value) === undefined) throw new ValueError(key, 'it names the owner: a string, a number or a bigint')
  schema?.check(key, value)
}
