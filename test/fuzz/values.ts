import { MAX_BIGINT_BITS, MAX_DEPTH } from '../../lib/data/values.ts'
import { no } from './option-pieces.ts'
import { type Random, text } from './random.ts'

/** A value for a session, and what its maker knows of it. */
export interface Made {
  readonly value: unknown
  /** Where something was put in that no session takes; empty when it must be taken. */
  readonly bad: readonly string[]
  /** What can be frozen: everything in it that was made unfrozen. */
  readonly open: readonly object[]
}

const LEVELS: readonly number[] = [1, 5, MAX_DEPTH - 4, MAX_DEPTH - 1, MAX_DEPTH, MAX_DEPTH + 1, 3 * MAX_DEPTH]

/** Makes a value of any type and shape. */
export function makeValue(random: Random, badOnceIn = 40): Made {
  const maker = new Maker(random, badOnceIn)
  const levels = random.once(12) ? random.pick(LEVELS) : random.once(2000) ? 20_000 : 0
  return { value: maker.nest(levels), bad: maker.bad, open: maker.open }
}

class Maker {
  readonly bad: string[] = []
  readonly open: object[] = []
  readonly #random: Random
  readonly #badOnceIn: number
  readonly #around: object[] = []
  readonly #whole: unknown[] = []

  constructor(random: Random, badOnceIn: number) {
    this.#random = random
    this.#badOnceIn = badOnceIn
  }

  /** A value inside so many arrays or objects. */
  nest(levels: number): unknown {
    const shut: ((inner: unknown) => unknown)[] = []
    let path = ''
    for (let level = 0; level < levels; level++) {
      const named = this.#random.once(2)
      path += level >= MAX_DEPTH ? '' : named ? '.k' : '[0]'
      shut.push((inner) => (named ? { k: inner } : [inner]))
    }
    if (levels > MAX_DEPTH) this.bad.push(path)
    let value = this.#value(path, levels > MAX_DEPTH ? MAX_DEPTH : levels)
    for (const wrap of shut.reverse()) {
      value = wrap(value)
      this.open.push(value as object)
    }
    return value
  }

  #value(path: string, depth: number): unknown {
    const random = this.#random
    if (random.once(this.#badOnceIn)) return this.#badAt(path)
    const kind = random.int(depth > 4 && !random.once(8) ? 10 : 16)
    if (kind < 10) return makeGood(random)
    if (depth >= MAX_DEPTH) return random.once(4) ? this.#badAt(path, []) : makeGood(random, false)
    if (kind === 10) return this.#date()
    if (kind === 11) return this.#kept(this.#list(path, depth))
    if (kind === 12) return this.#map(path, depth)
    if (kind === 13) return this.#set(path, depth)
    return kind === 14 && this.#whole.length > 0 && depth < 50 ? random.pick(this.#whole) : this.#record(path, depth)
  }

  #badAt(path: string, value: unknown = this.#random.pick(MAKE_BAD)(this.#around)): unknown {
    this.bad.push(path)
    return value
  }

  /** Something that may be put in at a second place: it holds nothing that may not be there. */
  #kept<T extends object>(value: T): T {
    if (Object.isExtensible(value)) this.open.push(value)
    return value
  }

  #within<T extends object>(container: T, fill: (container: T) => void): T {
    this.#around.push(container)
    fill(container)
    this.#around.pop()
    return this.#kept(container)
  }

  #date(): Date {
    const date = this.#kept(new Date(this.#random.pick([0, 1, -1, 8.64e15, -8.64e15, 1e12])))
    this.#whole.push(date)
    return date
  }

  #list(path: string, depth: number): unknown[] {
    return this.#within([] as unknown[], (list) => {
      const length = this.#random.int(5)
      for (let i = 0; i < length; i++) list.push(this.#value(`${path}[${i}]`, depth + 1))
    })
  }

  #record(path: string, depth: number): object {
    const random = this.#random
    const made = this.#within((random.once(8) ? Object.create(null) : {}) as object, (record) => {
      for (const key of random.list(4, () => text(random))) {
        if (Object.hasOwn(record, key)) continue
        const value = random.once(20) ? undefined : this.#value(`${path}.${key}`, depth + 1)
        Object.defineProperty(record, key, { value, enumerable: true, writable: true, configurable: true })
      }
    })
    if (!random.once(8)) return made
    if (Object.isExtensible(made)) this.open.pop()
    return random.once(2) ? new Proxy(made, {}) : Object.freeze(made)
  }

  #map(path: string, depth: number): object {
    return this.#within(new Map<unknown, unknown>(), (map) => {
      for (let i = this.#random.int(4); i > 0; i--) {
        const step = map.size
        const bads = this.bad.length
        const key = this.#value(`${path}.key ${step}`, depth + 1)
        // A key that is there already takes the place of what was made for it.
        if (map.has(key)) this.bad.length = bads
        else map.set(key, this.#value(`${path}[${step}]`, depth + 1))
      }
    })
  }

  #set(path: string, depth: number): object {
    return this.#within(new Set<unknown>(), (set) => {
      for (let i = this.#random.int(4); i > 0; i--) {
        const bads = this.bad.length
        const member = this.#value(`${path}[${set.size}]`, depth + 1)
        if (set.has(member)) this.bad.length = bads
        else set.add(member)
      }
    })
  }
}

const NUMBERS: readonly number[] = [
  ...[0, 1, -1, -0, 1.5, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53) - 2, 1e21, 1e-7, 0.1 + 0.2, 1e308],
  ...[Number.MAX_VALUE, Number.MIN_VALUE, -Number.MAX_VALUE, Number.EPSILON],
]

const LARGEST = 2n ** BigInt(MAX_BIGINT_BITS - 1) - 1n
const BIGINTS: readonly bigint[] = [0n, 1n, -1n, 2n ** 63n, -(2n ** 64n), 10n ** 500n, LARGEST, -LARGEST - 1n]

/** Makes a value that a session takes and that holds no other. */
function makeGood(random: Random, withBytes = true): unknown {
  return random.pick(GOOD)(random, withBytes)
}

const GOOD: readonly ((random: Random, withBytes: boolean) => unknown)[] = [
  ...[() => null, (random: Random) => random.once(2), (random: Random) => random.int(1000), (random: Random) => random.pick(NUMBERS)],
  ...[text, text, text].map((make) => (random: Random) => make(random)),
  (random) => random.pick(BIGINTS),
  (random, withBytes) => (withBytes ? bytes(random) : 'text'),
]

function bytes(random: Random): Uint8Array {
  const list = random.list(6, () => random.int(256))
  return random.once(3) ? new Uint8Array([0, ...list, 255]).subarray(1, 1 + list.length) : new Uint8Array(list)
}

class Account {
  readonly id = 1
}
class Maps extends Map {}
class Sets extends Set {}
class Dates extends Date {}
class Lists extends Array {}
class Bytes extends Uint8Array {}

const hidden = (holder: object): object => Object.defineProperty(holder, 'hidden', { value: 1 })
const getter = (get: () => unknown): object => Object.defineProperty({}, 'computed', { get, enumerable: true })

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

/** Values that no session takes, each made anew; some need what is around them. */
const MAKE_BAD: readonly ((around: readonly object[]) => unknown)[] = [
  ...[() => () => 1, () => Symbol('s'), () => Symbol.iterator, () => Number.NaN, () => Number.POSITIVE_INFINITY],
  ...[() => Number.NEGATIVE_INFINITY, () => LARGEST + 1n, () => -(2n ** 20_000n), () => new Account(), () => new Maps()],
  ...[() => new Sets(), () => new Dates(0), () => new Lists(), () => new Bytes(1), () => Buffer.from([1]), () => new Error('e')],
  ...[() => /r/, () => new String('s'), () => Object(1n) as object, () => Promise.resolve(), () => new WeakMap(), () => new WeakRef({})],
  ...[() => new ArrayBuffer(1), () => new DataView(new ArrayBuffer(1)), () => new Uint16Array(1), () => new Uint8ClampedArray(1)],
  ...[() => new URL('http://localhost'), () => Object.create({ inherited: 1 }) as object, () => new Date(Number.NaN), () => hidden({})],
  ...[() => hidden([1]), () => ({ [Symbol('s')]: 1 }), () => new Array(3), () => Object.assign([1], { extra: 1 })],
  ...[() => Object.assign(new Date(0), { extra: 1 }), () => Object.assign(new Map(), { extra: 1 })],
  ...[() => Object.assign(new Set(), { extra: 1 }), () => revoked({}), () => revoked([]), () => new Proxy({}, { ownKeys: no })],
  ...[() => new Proxy({}, { getPrototypeOf: no }), () => new Proxy(new Date(0), {}), () => new Proxy(new Map(), {})],
  () => new Proxy(new Uint8Array(1), {}),
  (around) => around.at(-1) ?? Symbol('nothing around'),
  (around) => around[0] ?? Symbol('nothing around'),
  // Of these the refusal names a part.
  ...[() => getter(no), () => getter(() => 1), () => ({ set written(_value: unknown) {} }), () => [undefined]],
  ...[() => new Map([[1, undefined]]), () => new Set([undefined]), () => new Proxy([1], { getOwnPropertyDescriptor: no })],
]
