import { types } from 'node:util'
import { UpgradeError } from '../errors.ts'
import { isPlainObject } from '../options/checks.ts'

/** The option `upgrade`. */
export type Upgrade = (values: Record<string, unknown>) => Record<string, unknown>

/** What `upgrade` returns for these values. Throws `FST_ERR_SCS_UPGRADE`. */
export function callUpgrade(upgrade: Upgrade, given: Record<string, unknown>): Record<string, unknown> {
  let values: unknown
  try {
    values = upgrade(given)
    if (isPlainObject(values)) return { ...values }
  } catch (cause) {
    throw new UpgradeError('threw', { cause })
  }
  if (values === undefined) throw new UpgradeError('returned nothing')
  if (!types.isPromise(values)) throw new UpgradeError('returned something other than a plain object of values')
  // Nobody waits for it, so its rejection must not end the process.
  values.then(undefined, () => {})
  throw new UpgradeError('returned a promise, and it must return the values at once')
}
