import { types } from 'node:util'
import { ValueError } from '../errors.ts'
import { canMakeReadonly, DATE_GUARD, MAP_GUARD, makeReadonly, SET_GUARD } from './readonly.ts'

/** How deep a value may be nested: deeper than sessions need, and not so deep that recursion overflows the stack. */
export const MAX_DEPTH = 100

/** How large a bigint may be: to parse one takes more than linear time. */
export const MAX_BIGINT_BITS = 8192

/** A value that belongs to a session: checked, and read-only. */
export interface Sealed {
  readonly value: unknown
  /** Whether there are bytes in it. They cannot be frozen, so they are handed out as copies. */
  readonly bytes: boolean
  /**
   * How many parts it has, when each was checked and can never change again. Undefined when the parts were not counted or may change: the
   * methods of their prototypes can still change a Date, a Map, a Set and bytes, and a Proxy may return anything.
   */
  readonly parts: number | undefined
}

const HIDDEN = 'it has holes, hidden properties or symbols for keys'
const INSTANCE = 'it is an instance of a class, and only plain data comes back as it was: put a plain object'
const A_PROMISE = 'it is a Promise: put what it resolves to, with await'

/** Whether the prototype chain of a value has `depth` prototypes at most. Tells a plain value from an instance of a class, in any realm. */
function isDirect(value: object, depth: number): boolean {
  let prototype: unknown = Object.getPrototypeOf(value)
  for (let i = 0; i < depth && prototype !== null; i++) prototype = Object.getPrototypeOf(prototype)
  return prototype === null
}

/** Checks one value and makes it read-only, all of it or nothing. */
export class Sealer {
  #bytes = false
  #lasts = true
  /** The parts to be frozen, and those whose mutators are to be replaced, once all parts have passed the check. */
  readonly #plain: object[] = []
  readonly #guarded: [value: object, guard: PropertyDescriptorMap][] = []
  readonly #path: (string | number)[]
  readonly #within: object[] = []
  readonly #maxParts: number
  readonly #takesBuffers: boolean
  #parts = 0

  constructor(key: string, maxParts: number, takesBuffers: boolean) {
    this.#path = [key]
    this.#maxParts = maxParts
    this.#takesBuffers = takesBuffers
  }

  take(value: unknown): Sealed {
    try {
      const mine = this.#seal(value)
      for (const each of this.#plain) Object.freeze(each)
      for (const [each, mutators] of this.#guarded) makeReadonly(each, mutators)
      return { value: mine, bytes: this.#bytes, parts: this.#lasts ? this.#parts : undefined }
    } catch (cause) {
      // A Proxy may throw when it is inspected.
      throw cause instanceof ValueError ? cause : this.#refuse('it cannot be inspected', cause)
    }
  }

  #seal(value: unknown): unknown {
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
        throw this.#refuse(`it is ${value}, and a number must be finite`)
      case 'object':
        return value === null ? null : this.#sealObject(value)
      default:
        throw this.#refuse(value === undefined ? 'it is undefined; put null, or leave it out' : `it is a ${typeof value}, and no data`)
    }
  }

  #sealObject(value: object): unknown {
    if (types.isUint8Array(value)) return this.#copyBytes(value)
    if (this.#within.includes(value)) throw this.#refuse('it contains itself, so it has no end')
    if (this.#within.length === MAX_DEPTH) throw this.#refuse(`it is nested more than ${MAX_DEPTH} deep`)
    this.#within.push(value)
    const mine = this.#sealContainer(value)
    this.#within.pop()
    return mine
  }

  #copyBytes(value: Uint8Array): Uint8Array {
    if (!this.#takesBuffers && Object.getPrototypeOf(value) !== Uint8Array.prototype) this.#mustBeBytes(value)
    this.#bytes = true
    this.#lasts = false
    return new Uint8Array(value)
  }

  #sealContainer(value: object): object {
    if (Array.isArray(value)) return this.#sealParts(value, value.length, 2)
    if (types.isDate(value)) return this.#sealDate(value)
    if (types.isMap(value)) return this.#sealMap(value)
    if (types.isSet(value)) return this.#sealSet(value)
    return this.#sealParts(value, undefined, 1)
  }

  /** An array or a plain object: frozen as it is, unless a part had to be copied. */
  #sealParts(value: object, length: number | undefined, depth: number): object {
    this.#mustBeDirect(value, depth)
    if (types.isProxy(value)) this.#lasts = false
    const keys = Reflect.ownKeys(value)
    if (length !== undefined && keys.length !== length + 1) throw this.#refuse(HIDDEN)
    let mine: Record<string | number, unknown> | undefined
    for (let i = 0; i < (length ?? keys.length); i++) {
      const key = length === undefined ? (keys[i] as string | symbol) : i
      const property = Reflect.getOwnPropertyDescriptor(value, key)
      if (typeof key === 'symbol' || !property?.enumerable) throw this.#refuse(HIDDEN)
      this.#path.push(key)
      const part = this.#sealPart(property, length === undefined)
      if (part !== property.value) {
        mine ??= (length === undefined ? { ...value } : [...(value as unknown[])]) as Record<string | number, unknown>
        mine[key] = part
      }
      this.#path.pop()
    }
    this.#plain.push(mine ?? value)
    return mine ?? value
  }

  #sealPart(property: PropertyDescriptor, mayMiss: boolean): unknown {
    if (!('value' in property)) throw this.#refuse('it is computed by a getter')
    if (property.value === undefined && mayMiss) return undefined
    return this.#seal(property.value)
  }

  #sealDate(value: Date): object {
    this.#mustBeBare(value)
    if (Number.isNaN(value.getTime())) throw this.#refuse('it is an invalid date')
    const mine = Object.isExtensible(value) || Object.hasOwn(value, 'setTime') ? value : new Date(value)
    return this.#guard(mine, DATE_GUARD)
  }

  #sealMap(value: Map<unknown, unknown>): object {
    this.#mustBeBare(value)
    const entries = [...value].map(([k, v], i): [unknown, unknown] => [this.#sealAt(`key ${i}`, k), this.#sealAt(i, v)])
    const same = canMakeReadonly(value, 'set') && entries.every(([k, v]) => value.has(k) && value.get(k) === v)
    return this.#guard(same ? value : new Map(entries), MAP_GUARD)
  }

  #sealSet(value: Set<unknown>): object {
    this.#mustBeBare(value)
    const members = [...value].map((member, i) => this.#sealAt(i, member))
    const same = canMakeReadonly(value, 'add') && members.every((member) => value.has(member))
    return this.#guard(same ? value : new Set(members), SET_GUARD)
  }

  #guard(value: object, mutators: PropertyDescriptorMap): object {
    this.#lasts = false
    this.#guarded.push([value, mutators])
    return value
  }

  #sealAt(step: string | number, value: unknown): unknown {
    this.#path.push(step)
    const mine = this.#seal(value)
    this.#path.pop()
    return mine
  }

  #mustBeBare(value: object): void {
    this.#mustBeDirect(value, 2)
    if (Object.keys(value).length > 0) throw this.#refuse('it has properties of its own')
  }

  #mustBeDirect(value: object, depth: number): void {
    if (types.isPromise(value)) throw this.#refuse(A_PROMISE)
    if (!isDirect(value, depth)) throw this.#refuse(INSTANCE)
  }

  #mustBeBytes(value: Uint8Array): void {
    if (Buffer.isBuffer(value)) throw this.#refuse('it is an instance of a class, Buffer: put new Uint8Array(buffer)')
    this.#mustBeDirect(value, 3)
  }

  #refuse(rule: string, cause?: unknown): Error {
    const [key, ...steps] = this.#path
    const path = steps.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')
    return cause === undefined ? new ValueError(`${key}${path}`, rule) : new ValueError(`${key}${path}`, rule, { cause })
  }
}
