import type { KeySchemas, StandardResult, StandardSchema } from '../../types/schema.ts'
import { OptionError } from '../errors.ts'
import { thawed } from './readonly.ts'
import { sameValue } from './same-value.ts'

/** What the checks of a session need of a compiled schema, whoever compiled it. */
export interface Check {
  Check(value: unknown): boolean
  Errors(value: unknown): readonly { readonly instancePath?: string; readonly message?: string }[]
}

const ASYNC = 'answers with a promise, and put() answers at once: leave out what is async'
const NO_RESULT = 'must return what a Standard Schema returns: { value } or { issues }'
const CHANGED = 'is changed by the schema (a default, a transform, an unknown property left out): put what the schema makes of it'
/** Not the library's own message, which may show the value. */
const MISFIT = 'does not fit the schema'

/** The checks of the keys. A schema decides at once and changes nothing: what is stored must be both what was put and what was checked. */
export function standardChecks(schemas: KeySchemas): ReadonlyMap<string, Check> {
  return new Map(Object.entries(schemas).map(([key, schema]) => [key, checkOf(schema, `schema.${key}`)]))
}

function checkOf(schema: StandardSchema, option: string): Check {
  const Errors: Check['Errors'] = (value) => {
    const result = resultOf(schema, option, value)
    // ArkType returns a list that has issues.
    if (!(result instanceof Object)) throw new OptionError(option, NO_RESULT)
    if (!('then' in result)) return findings(result as StandardResult, value)
    void Promise.allSettled([result])
    throw new OptionError(option, ASYNC)
  }
  return { Check: (value) => Errors(value).length === 0, Errors }
}

/** What a schema says of a value, of which it gets a copy: it could change it in place. An error of its own may show the value. */
function resultOf(schema: StandardSchema, option: string, value: unknown): unknown {
  try {
    return schema['~standard'].validate(thawed(value))
  } catch (cause) {
    throw new OptionError(option, 'failed', { cause })
  }
}

function findings({ issues, value: made }: StandardResult, value: unknown): ReturnType<Check['Errors']> {
  if (issues !== undefined) return [{ instancePath: pathOf(issues[0]?.path ?? []), message: MISFIT }]
  return sameValue(made, value) ? [] : [{ message: CHANGED }]
}

function pathOf(path: readonly unknown[]): string {
  return path.map((part) => `/${String((Object(part) as { key?: unknown }).key ?? part)}`).join('')
}
