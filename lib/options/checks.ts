import { ArgumentError, OptionError } from '../errors.ts'
import { optionHint } from './hints.ts'

export type Test = (value: unknown) => boolean

/** For each option the test that it must pass, and the message when it does not. There are no other options. */
export type Rules = Readonly<Record<string, readonly [Test, string, hint?: (value: unknown) => string]>>

export const isFunction: Test = (value) => typeof value === 'function'
export const isBoolean: Test = (value) => typeof value === 'boolean'
export const isText: Test = (value) => typeof value === 'string' && value !== ''
export const isCount: Test = (value) => Number.isSafeInteger(value) && Number(value) > 0
/** The characters of a header's name and of a scheme (RFC 9110, 5.6.2). */
export const isHttpToken: Test = (value) => typeof value === 'string' && /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/.test(value)
export const has =
  (...methods: string[]): Test =>
  (value) =>
    typeof value === 'object' && methods.every((name) => isFunction(Reflect.get(value as object, name)))

/**
 * Copies the options, each read once, so that what is used is what was checked, even with getters. Throws `FST_ERR_SCS_OPTION` for an option
 * that cannot be read.
 */
export function readOptions<T extends object>(options: T, prefix = '', names?: readonly string[]): T {
  if (typeof options !== 'object' || options === null) throw new OptionError(prefix.slice(0, -1) || '(all)', 'must be an object')
  const read = (name: string, from: () => unknown) => {
    try {
      return from()
    } catch (cause) {
      throw new OptionError(name, 'cannot be read', { cause })
    }
  }
  const keys = names ?? (read(prefix.slice(0, -1) || '(all)', () => Object.keys(options)) as string[])
  return Object.fromEntries(keys.map((name) => [name, read(prefix + name, () => Reflect.get(options, name))])) as T
}

/** Whether a value is an object and no instance of a class, in any realm. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** Whether a value is an object and no array. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The error for an option that does not exist. */
export function unknownOption(name: string, names: readonly string[]): Error {
  return new OptionError(name, `does not exist; there are ${names.join(', ')}${optionHint(name, names)}`)
}

/** Checks each option against its rule. One that is undefined counts as not given. */
export function check(options: object, rules: Rules, prefix = ''): void {
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
    if (rule === undefined) throw unknownOption(prefix + name, Object.keys(rules))
    if (value === undefined || passes(rule[0], value)) continue
    const [, text, hint = () => ''] = rule
    throw new OptionError(prefix + name, `${text}${hintOf(hint, value)}`)
  }
}

function hintOf(hint: (value: unknown) => string, value: unknown): string {
  try {
    return hint(value)
  } catch {
    // A value whose inspection throws gets no hint.
    return ''
  }
}

/** A value whose inspection throws fails the test. */
function passes(test: Test, value: unknown): boolean {
  try {
    return test(value)
  } catch {
    return false
  }
}

/** Throws `FST_ERR_SCS_ARGUMENT` for what cannot be the options of a call: no object, or one with other options than these. */
export function mustBeOptions(options: unknown, call: string, names: readonly string[]): void {
  mustBeObject(options, call)
  for (const name of Object.keys(options as object))
    if (!names.includes(name)) throw new ArgumentError(call, `has no option ${name}; there is ${names.join(', ')}`)
}

/** Throws `FST_ERR_SCS_ARGUMENT` for an argument that is no object. */
export function mustBeObject(value: unknown, argument: string): void {
  if (!isObject(value)) throw new ArgumentError(argument, 'needs an object')
}
