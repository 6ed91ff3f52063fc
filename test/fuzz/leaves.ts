import { MAX_BIGINT_BITS } from '../../lib/data/values.ts'
import type { Random } from './random.ts'
import { text } from './texts.ts'

const NUMBERS: readonly number[] = [
  ...[0, 1, -1, -0, 1.5, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53) - 2, 1e21, 1e-7, 0.1 + 0.2, 1e308],
  ...[Number.MAX_VALUE, Number.MIN_VALUE, -Number.MAX_VALUE, Number.EPSILON],
]

const LARGEST = 2n ** BigInt(MAX_BIGINT_BITS - 1) - 1n
const BIGINTS: readonly bigint[] = [0n, 1n, -1n, 2n ** 63n, -(2n ** 64n), 10n ** 500n, LARGEST, -LARGEST - 1n]

/** A value that a session takes and that holds no other. */
export function makeGood(random: Random, withBytes = true): unknown {
  switch (random.int(9)) {
    case 0:
      return null
    case 1:
      return random.once(2)
    case 2:
      return random.int(1000)
    case 3:
      return random.pick(NUMBERS)
    case 4:
    case 5:
    case 6:
      return text(random)
    case 7:
      return random.pick(BIGINTS)
    default:
      return withBytes ? bytes(random) : 'text'
  }
}

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
const no = (): never => {
  throw new Error('no')
}

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

/** Values that no session takes, each made anew; some need what is around them. */
export const MAKE_BAD: readonly ((around: readonly object[]) => unknown)[] = [
  () => () => 1,
  () => Symbol('s'),
  () => Symbol.iterator,
  () => Number.NaN,
  () => Number.POSITIVE_INFINITY,
  () => Number.NEGATIVE_INFINITY,
  () => LARGEST + 1n,
  () => -(2n ** 20_000n),
  () => new Account(),
  () => new Maps(),
  () => new Sets(),
  () => new Dates(0),
  () => new Lists(),
  () => new Bytes(1),
  () => Buffer.from([1]),
  () => new Error('e'),
  () => /r/,
  () => new String('s'),
  () => Object(1n) as object,
  () => Promise.resolve(),
  () => new WeakMap(),
  () => new WeakRef({}),
  () => new ArrayBuffer(1),
  () => new DataView(new ArrayBuffer(1)),
  () => new Uint16Array(1),
  () => new Uint8ClampedArray(1),
  () => new URL('http://localhost'),
  () => Object.create({ inherited: 1 }) as object,
  () => new Date(Number.NaN),
  () => hidden({}),
  () => hidden([1]),
  () => ({ [Symbol('s')]: 1 }),
  () => new Array(3),
  () => Object.assign([1], { extra: 1 }),
  () => Object.assign(new Date(0), { extra: 1 }),
  () => Object.assign(new Map(), { extra: 1 }),
  () => Object.assign(new Set(), { extra: 1 }),
  () => revoked({}),
  () => revoked([]),
  () => new Proxy({}, { ownKeys: no }),
  () => new Proxy({}, { getPrototypeOf: no }),
  () => new Proxy(new Date(0), {}),
  () => new Proxy(new Map(), {}),
  () => new Proxy(new Uint8Array(1), {}),
  (around) => around.at(-1) ?? Symbol('nothing around'),
  (around) => around[0] ?? Symbol('nothing around'),
  // Of these the refusal names a part.
  () => getter(no),
  () => getter(() => 1),
  () => ({ set written(_value: unknown) {} }),
  () => [undefined],
  () => new Map([[1, undefined]]),
  () => new Set([undefined]),
  () => new Proxy([1], { getOwnPropertyDescriptor: no }),
]
