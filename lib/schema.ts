import { createRequire } from 'node:module'
import type { Validator } from 'typebox/compile'
import type { ObjectSchema } from '../types/options.ts'
import { KeyError, OptionError, SchemaError } from './errors.ts'

/** The checks of a schema, compiled once for each key. */
export interface SchemaRules {
  /** Throws `FST_ERR_SCS_KEY` or `FST_ERR_SCS_SCHEMA` when the key cannot take the value. */
  check(key: string, value: unknown): void
  /** Whether every value under a key of the schema fits. Keys that it does not name may be there: another release wrote them. */
  fits(values: Readonly<Record<string, unknown>>): boolean
}

type Check = Pick<Validator, 'Check' | 'Errors'>
type Compile = (schema: object) => Check

/** Compiles a schema. TypeBox is loaded here, and only here, so that nobody pays for it who gives no schema. */
export function schemaRules(schema: ObjectSchema): SchemaRules {
  const compile = loadCompile()
  const checks = new Map(Object.entries(schema.properties).map(([key, each]) => [key, compiled(compile, `properties.${key}`, each)]))
  const extra = extraRule(compile, schema.additionalProperties)
  return {
    check(key, value) {
      const check = checks.get(key) ?? extra
      if (check === undefined) throw new KeyError(JSON.stringify(key), 'is not in the schema')
      if (check === 'any' || check.Check(value)) return
      throw refusal(check, key, value)
    },
    fits(values) {
      return Object.keys(values).every((key) => checks.get(key)?.Check(values[key]) ?? true)
    },
  }
}

function loadCompile(): Compile {
  try {
    return (createRequire(import.meta.url)('typebox/compile') as { Compile: Compile }).Compile
  } catch (cause) {
    throw new OptionError('schema', 'needs the package typebox 1.x: npm install typebox', { cause })
  }
}

function compiled(compile: Compile, path: string, schema: object): Check {
  try {
    return compile(schema)
  } catch (cause) {
    throw new OptionError(`schema.${path}`, 'cannot be compiled by TypeBox', { cause })
  }
}

function extraRule(compile: Compile, additional: boolean | object | undefined): Check | 'any' | undefined {
  if (typeof additional === 'object') return compiled(compile, 'additionalProperties', additional)
  return additional === true ? 'any' : undefined
}

/** Says where and what was expected, never what the value was: it may be a secret. */
function refusal(check: Check, key: string, value: unknown): Error {
  const [first] = check.Errors(value) as readonly { instancePath?: string; message?: string }[]
  const path = (first?.instancePath ?? '').replaceAll('/', '.')
  return new SchemaError(`${key}${path}`, first?.message ?? 'does not fit')
}
