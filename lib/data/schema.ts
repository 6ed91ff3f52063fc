import { types } from 'node:util'
import type { KeySchemas, ObjectSchema } from '../../types/schema.ts'
import { KeyError, OptionError, SchemaError } from '../errors.ts'
import { isKeySchemas } from '../options/schemas.ts'
import { findPart } from './schema-parts.ts'
import { standAlone } from './schema-refs.ts'
import { type Check, standardChecks } from './standard-schema.ts'

/** The checks of a schema, compiled once for each key. */
export interface SchemaRules {
  /** Throws `FST_ERR_SCS_KEY` or `FST_ERR_SCS_SCHEMA` when the key cannot take the value. */
  check(key: string, value: unknown): void
  /**
   * The path of the first value that its key's schema refuses; undefined when all fit. Keys that the schema does not name are accepted: another
   * release may have written them. When a refinement of the application throws, the value does not fit.
   */
  misfit(values: Readonly<Record<string, unknown>>): string | undefined
}

type Compile = (schema: object) => Check

/** Marks a schema of `@sinclair/typebox`, as the package was called up to version 0.34. */
const OLD_KIND = Symbol.for('TypeBox.Kind')

/** Compiles a schema. TypeBox is loaded here and nowhere else, so that an application without its types does not need it. Throws `FST_ERR_SCS_OPTION`. */
export function schemaRules(schema: ObjectSchema | KeySchemas): SchemaRules {
  for (const key of schemaKeys(schema)) mustNotBeReserved(key)
  if (isKeySchemas(schema)) return rulesOf(standardChecks(schema), undefined)
  mustBeNew(schema)
  const compile = loadCompile()
  const checks = new Map(Object.keys(schema.properties).map((key) => [key, compiled(compile, schema, ['properties', key])]))
  return rulesOf(checks, extraRule(compile, schema))
}

/** The keys that a schema names. */
export function schemaKeys(schema: ObjectSchema | KeySchemas): string[] {
  return Object.keys(isKeySchemas(schema) ? schema : schema.properties)
}

function rulesOf(checks: ReadonlyMap<string, Check>, extra: Check | 'any' | undefined): SchemaRules {
  return {
    check(key, value) {
      const check = checks.get(key) ?? extra
      if (check === undefined) throw new KeyError(JSON.stringify(key), 'is not in the schema: add it there, or set additionalProperties')
      if (check === 'any' || check.Check(value)) return
      throw new SchemaError(...misfitOf(check, key, value))
    },
    misfit(values) {
      for (const key of Object.keys(values)) {
        const check = checks.get(key)
        if (check !== undefined && !fits(check, values[key])) return pathOf(check, key, values[key])
      }
      return undefined
    },
  }
}

/** Refuses types of the old package. The new one finds no rules in them: any value would pass for a Date, a Uint8Array or a RegExp. */
function mustBeNew(schema: object): void {
  const rule =
    "is made with the old package @sinclair/typebox, some of whose types would check nothing here: make it with Type of the package typebox 1.x (import Type from 'typebox')"
  if (isOld(schema)) throw new OptionError('schema', rule)
}

function isOld(schema: object): boolean {
  try {
    return findPart([schema], (part) => OLD_KIND in part) !== undefined
  } catch {
    // A schema whose inspection throws is refused later, when its key is compiled.
    return false
  }
}

/**
 * Tries a plain `require` first, because bundlers follow it. Without a bundler ES modules have no `require`, and one is made: not by an import,
 * whose name would collide with the one that many bundles begin with.
 */
function loadCompile(): Compile {
  try {
    const { createRequire } = process.getBuiltinModule('node:module')
    return bundledCompile() ?? (createRequire(import.meta.url)('typebox/compile') as { Compile: Compile }).Compile
  } catch (cause) {
    throw new OptionError('schema', 'needs the package typebox 1.x: npm install typebox', { cause })
  }
}

function bundledCompile(): Compile | undefined {
  try {
    return (require('typebox/compile') as { Compile: Compile }).Compile
  } catch {
    // There is no `require`, or one that does not look for packages from here: `node --eval` has one like that.
    return undefined
  }
}

function mustNotBeReserved(key: string): void {
  if (key.startsWith('__')) throw new OptionError(`schema.properties.${key}`, 'begins with two underscores, and such keys are reserved')
}

function compiled(compile: Compile, root: object, keywords: readonly string[]): Check {
  try {
    return compile(standAlone(root, keywords))
  } catch (cause) {
    throw cause instanceof OptionError ? cause : new OptionError(`schema.${keywords.join('.')}`, 'cannot be compiled by TypeBox', { cause })
  }
}

function extraRule(compile: Compile, schema: ObjectSchema): Check | 'any' | undefined {
  const { additionalProperties: additional } = schema
  if (typeof additional === 'object') return compiled(compile, schema, ['additionalProperties'])
  return additional === true ? 'any' : undefined
}

function fits(check: Check, value: unknown): boolean {
  try {
    return check.Check(value)
  } catch (error) {
    // A schema that answers with a promise has decided nothing, and must not end a session.
    return error instanceof OptionError
  }
}

function pathOf(check: Check, key: string, value: unknown): string {
  try {
    return misfitOf(check, key, value)[0]
  } catch {
    return key
  }
}

/** Where the value does not fit and what was expected. Never the value itself, which may be a secret. */
function misfitOf(check: Check, key: string, value: unknown): [path: string, rule: string] {
  const [first] = check.Errors(value)
  const path = (first?.instancePath ?? '').replaceAll('/', '.')
  return [
    `${key}${path}`,
    types.isPromise(value) ? 'is a Promise: put what it resolves to, with await' : (first?.message ?? 'does not fit'),
  ]
}
