import { types } from 'node:util'
import { canClose, close, DATE_GUARD, MAP_GUARD, SET_GUARD } from './closed.ts'
import { ValueError } from './errors.ts'

/** How deep a value may be nested: far beyond what sessions need, far within what recursion bears. */
export const MAX_DEPTH = 100

/** How large a bigint may be: reading one from text takes more than linear time. */
export const MAX_BIGINT_BITS = 8192

/** A value that belongs to a session: checked, and closed to changes in place. */
export interface Owned {
  readonly value: unknown
  /** Whether there are bytes in it, which nothing can freeze and which therefore leave as copies. */
  readonly bytes: boolean
}

/**
 * Makes a value the session's own. Plain data is frozen where it stands, the mutators of a Date, Map or Set are closed, bytes are copied.
 * Throws `FST_ERR_SCS_VALUE` with the path of the first part that a payload could not bring back, and then leaves all of it as it was.
 *
 * @param maxParts how many parts the value may have; a session of so many bytes cannot have more
 */
export function own(value: unknown, key: string, maxParts: number): Owned {
  // Nothing to look into: what most puts are.
  if (typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) return { value, bytes: false }
  return new Owner(key, maxParts).take(value)
}

/** The value with new copies of all bytes in it; the rest is shared. */
export function freshBytes(value: unknown): unknown {
  if (types.isUint8Array(value)) return new Uint8Array(value)
  if (typeof value !== 'object' || value === null || types.isDate(value)) return value
  if (Array.isArray(value)) return Object.freeze(value.map(freshBytes))
  if (types.isMap(value)) return close(new Map([...value].map(([k, v]) => [freshBytes(k), freshBytes(v)])), MAP_GUARD)
  if (types.isSet(value)) return close(new Set([...value].map(freshBytes)), SET_GUARD)
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([k, v]) => [k, freshBytes(v)])))
}

/** Whether a prototype stands `depth` steps below nothing: so tells a plain thing from an instance of somebody's class, in any realm. */
function isDirect(value: object, depth: number): boolean {
  let prototype: unknown = Object.getPrototypeOf(value)
  for (let i = 0; i < depth && prototype !== null; i++) prototype = Object.getPrototypeOf(prototype)
  return prototype === null
}

class Owner {
  #bytes = false
  /** What is closed once all is known to be good: plain data, and what has mutators. */
  readonly #plain: object[] = []
  readonly #guarded: [value: object, guard: PropertyDescriptorMap][] = []
  readonly #path: (string | number)[]
  readonly #within: object[] = []
  readonly #maxParts: number
  #parts = 0

  constructor(key: string, maxParts: number) {
    this.#path = [key]
    this.#maxParts = maxParts
  }

  take(value: unknown): Owned {
    try {
      const mine = this.#own(value)
      for (const each of this.#plain) Object.freeze(each)
      for (const [each, mutators] of this.#guarded) close(each, mutators)
      return { value: mine, bytes: this.#bytes }
    } catch (cause) {
      // A Proxy may throw at a mere look.
      throw cause instanceof ValueError ? cause : this.#refuse('it cannot be looked at', { cause })
    }
  }

  #own(value: unknown): unknown {
    if (++this.#parts > this.#maxParts) throw this.#refuse(`it has more than ${this.#maxParts} parts, more than maxBytes allows`)
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value
      case 'bigint':
        if (BigInt.asIntN(MAX_BIGINT_BITS, value) === value) return value
        throw this.#refuse(`it has more than ${MAX_BIGINT_BITS} bits`)
      case 'number':
        if (Number.isFinite(value)) return value
        throw this.#refuse(`it is ${value}`)
      case 'object':
        return value === null ? null : this.#ownObject(value)
      default:
        throw this.#refuse(value === undefined ? 'it is undefined, which remove() stands for' : `it is a ${typeof value}`)
    }
  }

  #ownObject(value: object): unknown {
    if (types.isUint8Array(value)) {
      this.#bytes = true
      return new Uint8Array(value)
    }
    if (this.#within.includes(value)) throw this.#refuse('it contains itself')
    if (this.#within.length === MAX_DEPTH) throw this.#refuse(`it is nested more than ${MAX_DEPTH} deep`)
    this.#within.push(value)
    const mine = this.#ownContainer(value)
    this.#within.pop()
    return mine
  }

  #ownContainer(value: object): object {
    if (Array.isArray(value)) return this.#ownParts(value, value.length, 2)
    if (types.isDate(value)) return this.#ownDate(value)
    if (types.isMap(value)) return this.#ownMap(value)
    if (types.isSet(value)) return this.#ownSet(value)
    return this.#ownParts(value, undefined, 1)
  }

  /** An array or a plain object: frozen as it is, unless a part had to be copied. */
  #ownParts(value: object, length: number | undefined, depth: number): object {
    this.#mustBeDirect(value, depth)
    const entries = Object.entries(Object.getOwnPropertyDescriptors(value)).filter(([, property]) => property.enumerable)
    const whole = Reflect.ownKeys(value).length === entries.length + (length === undefined ? 0 : 1)
    // Indices come first and in order, so the last of so many entries says whether all are indices.
    const last = length === undefined || length === 0 ? undefined : String(length - 1)
    if (!whole || (length !== undefined && (entries.length !== length || entries.at(-1)?.[0] !== last))) {
      throw this.#refuse('it has holes, hidden properties or symbols for keys')
    }
    let mine: Record<string, unknown> | undefined
    for (const [key, property] of entries) {
      this.#path.push(length === undefined ? key : Number(key))
      const part = this.#ownPart(property, length === undefined)
      if (part !== property.value) {
        mine ??= (length === undefined ? { ...value } : [...(value as unknown[])]) as Record<string, unknown>
        mine[key] = part
      }
      this.#path.pop()
    }
    this.#plain.push(mine ?? value)
    return mine ?? value
  }

  #ownPart(property: PropertyDescriptor, mayMiss: boolean): unknown {
    if (!('value' in property)) throw this.#refuse('it is computed by a getter')
    if (property.value === undefined && mayMiss) return undefined
    return this.#own(property.value)
  }

  #ownDate(value: Date): object {
    this.#mustBeBare(value)
    if (Number.isNaN(value.getTime())) throw this.#refuse('it is an invalid date')
    const mine = Object.isExtensible(value) || Object.hasOwn(value, 'setTime') ? value : new Date(value)
    return this.#guard(mine, DATE_GUARD)
  }

  #ownMap(value: Map<unknown, unknown>): object {
    this.#mustBeBare(value)
    const entries = [...value].map(([k, v], i): [unknown, unknown] => [this.#ownAt(`key ${i}`, k), this.#ownAt(i, v)])
    const same = canClose(value, 'set') && entries.every(([k, v]) => value.has(k) && value.get(k) === v)
    return this.#guard(same ? value : new Map(entries), MAP_GUARD)
  }

  #ownSet(value: Set<unknown>): object {
    this.#mustBeBare(value)
    const members = [...value].map((member, i) => this.#ownAt(i, member))
    const same = canClose(value, 'add') && members.every((member) => value.has(member))
    return this.#guard(same ? value : new Set(members), SET_GUARD)
  }

  #guard(value: object, mutators: PropertyDescriptorMap): object {
    this.#guarded.push([value, mutators])
    return value
  }

  #ownAt(step: string | number, value: unknown): unknown {
    this.#path.push(step)
    const mine = this.#own(value)
    this.#path.pop()
    return mine
  }

  #mustBeBare(value: object): void {
    this.#mustBeDirect(value, 2)
    if (Object.keys(value).length > 0) throw this.#refuse('it has properties of its own')
  }

  #mustBeDirect(value: object, depth: number): void {
    if (!isDirect(value, depth)) throw this.#refuse('it is an instance of a class')
  }

  #refuse(rule: string, options?: ErrorOptions): Error {
    const [key, ...steps] = this.#path
    const path = steps.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')
    return new ValueError(`${key}${path}`, rule, options)
  }
}
