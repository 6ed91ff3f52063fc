import { createRequire } from 'node:module'
import type { Validator } from 'typebox/compile'
import type { ObjectSchema } from '../../types/options.ts'
import { KeyError, OptionError, SchemaError } from '../errors.ts'
import { findPart } from './schema-parts.ts'
import { standAlone } from './schema-refs.ts'

/** The checks of a schema, compiled once for each key. */
export interface SchemaRules {
  /** Throws `FST_ERR_SCS_KEY` or `FST_ERR_SCS_SCHEMA` when the key cannot take the value. */
  check(key: string, value: unknown): void
  /**
   * The path of a value that does not fit its key; undefined when all do. Keys that the schema does not name may be there: another release
   * wrote them. A refinement of the application's may throw on what an older release stored: then that does not fit.
   */
  misfit(values: Readonly<Record<string, unknown>>): string | undefined
}

type Check = Pick<Validator, 'Check' | 'Errors'>
type Compile = (schema: object) => Check

/** What marks a schema of the package that TypeBox was up to 0.34. */
const OLD_KIND = Symbol.for('TypeBox.Kind')

/** Compiles a schema. TypeBox is loaded here, and only here, so that nobody pays for it who gives no schema. Throws `FST_ERR_SCS_OPTION`. */
export function schemaRules(schema: ObjectSchema): SchemaRules {
  mustBeNew(schema)
  const compile = loadCompile()
  const checks = new Map(Object.keys(schema.properties).map((key) => [key, compiledKey(compile, schema, key)]))
  const extra = extraRule(compile, schema)
  return {
    check(key, value) {
      const check = checks.get(key) ?? extra
      if (check === undefined) throw new KeyError(JSON.stringify(key), 'is not in the schema')
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

/** To the new package a type of the old one is a schema without rules: it would take anything for a Date, a Uint8Array or a RegExp. */
function mustBeNew(schema: object): void {
  const rule =
    "is made with the old package @sinclair/typebox, some of whose types would check nothing here: make it with Type of the package typebox 1.x (import Type from 'typebox')"
  if (isOld(schema)) throw new OptionError('schema', rule)
}

function isOld(schema: object): boolean {
  try {
    return findPart([schema], (part) => OLD_KIND in part) !== undefined
  } catch {
    // What cannot be looked into is refused by its key when it is compiled.
    return false
  }
}

/** A bundler puts TypeBox into the bundle for the first of these; where there is none, ES modules have no `require`. */
function loadCompile(): Compile {
  try {
    return bundledCompile() ?? (createRequire(import.meta.url)('typebox/compile') as { Compile: Compile }).Compile
  } catch (cause) {
    throw new OptionError('schema', 'needs the package typebox 1.x: npm install typebox', { cause })
  }
}

function bundledCompile(): Compile | undefined {
  try {
    return typeof require === 'function' ? (require('typebox/compile') as { Compile: Compile }).Compile : undefined
  } catch {
    // A `require` that belongs to somebody else, as `node --eval` has one.
    return undefined
  }
}

function compiledKey(compile: Compile, schema: ObjectSchema, key: string): Check {
  if (key.startsWith('__')) throw new OptionError(`schema.properties.${key}`, 'begins with two underscores, and such keys are reserved')
  return compiled(compile, schema, ['properties', key])
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
  } catch {
    return false
  }
}

function pathOf(check: Check, key: string, value: unknown): string {
  try {
    return misfitOf(check, key, value)[0]
  } catch {
    return key
  }
}

/** Says where and what was expected, never what the value was: it may be a secret. */
function misfitOf(check: Check, key: string, value: unknown): [path: string, rule: string] {
  const [first] = check.Errors(value) as readonly { instancePath?: string; message?: string }[]
  const path = (first?.instancePath ?? '').replaceAll('/', '.')
  return [`${key}${path}`, first?.message ?? 'does not fit']
}
