import { COOKIE } from './option-pieces.ts'
import { cookie } from './options.ts'
import type { Random } from './random.ts'
import { text } from './texts.ts'
import { makeValue } from './values.ts'

/** Whose method is called. */
export type Callee = 'session' | 'manager'

/** A call as an application could make it that no compiler has seen. */
export interface Call {
  readonly callee: Callee
  readonly method: string
  readonly args: readonly unknown[]
  /** Whether the next call comes only when this one is done. */
  readonly isAwaited: boolean
}

type Make = (random: Random, tokens: readonly string[]) => unknown

const key: Make = (random) => (random.once(12) ? any(random) : random.once(2) ? random.pick(['kept', 'list', 'owner', 'a']) : text(random))
const value: Make = (random) => makeValue(random, 20).value
const fn: Make = (random) => {
  const { value } = makeValue(random, 20)
  return random.once(10) ? any(random) : random.pick([() => value, (given: unknown) => given, () => undefined])
}
const token: Make = (random, tokens) => (random.once(3) ? any(random) : random.pick([...tokens, 'x', 'A'.repeat(43), '']))
const flag: Make = (random) => (random.once(3) ? any(random) : random.once(2))
const owner: Make = (random) => (random.once(3) ? any(random) : random.pick(['ann', 7, 7n, '']))

const DATES: readonly unknown[] = [
  ...[new Date(Date.UTC(2031, 0, 1)), new Date(0), new Date(8.64e15), new Date(-8.64e15), new Date(Number.NaN)],
  ...[new Date(Date.UTC(9999, 11, 31, 23, 59, 58, 999)), new Date(Date.UTC(9999, 11, 31, 23, 59, 59)), Object.create(Date.prototype)],
]
const date: Make = (random) => (random.once(4) ? any(random) : random.pick(DATES))

/** What stands where an object of options may. */
const extra = (options: readonly unknown[]): Make => {
  const choices = [undefined, {}, null, 5, 'x', [], Symbol('s'), 7n, ...options]
  return (random) => random.pick(choices)
}

const cookieOptions: Make = (random) => {
  if (random.once(8)) return { [random.pick(['maxAge', 'expires', 'userInfo', 'signed', '__proto__x'])]: 1 }
  return random.once(4) ? { secure: random.pick(COOKIE['secure']?.bad ?? []) } : cookie(random, [])
}

const keys: Make = (random) => (random.once(3) ? extra([])(random, []) : random.list(3, () => key(random, [])))

const values: Make = (random) => {
  if (random.once(6)) return extra([new Map(), new Date(0)])(random, [])
  return Object.fromEntries(random.list(3, () => [String(text(random)), value(random, [])]))
}

const WRONG: readonly unknown[] = [
  undefined,
  null,
  0,
  -1,
  Number.NaN,
  true,
  Symbol('s'),
  7n,
  {},
  [],
  ['a'],
  Object.create(null),
  () => 1,
  new Map(),
]
const HOSTILE: readonly unknown[] = [
  new Proxy({}, { get: refuse, ownKeys: refuse, getPrototypeOf: refuse }),
  Object.defineProperty({}, 'toString', { value: refuse }),
  { [Symbol.toPrimitive]: refuse },
]

function refuse(): never {
  throw new Error('nobody may look')
}

function any(random: Random): unknown {
  return random.pick(random.once(4) ? HOSTILE : WRONG)
}

const CALLS: readonly (readonly [callee: Callee, method: string, ...args: Make[]])[] = [
  ['session', 'put', key, value],
  ['session', 'put', key, value],
  ['session', 'set', key, value],
  ['session', 'update', key, fn],
  ['session', 'get', key],
  ['session', 'exists', key],
  ['session', 'pop', key],
  ['session', 'remove', key],
  ['session', 'keys'],
  ['session', 'clear'],
  ['session', 'data'],
  ['session', 'rememberMe', flag],
  ['session', 'renewToken', extra([{ keepDeadline: true }, { keepDeadline: 'yes' }])],
  ['session', 'regenerate', keys],
  ['session', 'options', cookieOptions],
  ['session', 'setDeadline', date],
  ['session', 'mergeSession', token],
  ['session', 'commit'],
  ['session', 'commit'],
  ['session', 'destroy'],
  ['manager', 'create', values],
  ['manager', 'find', token],
  ['manager', 'destroy', token, extra([{ owner: 'ann' }, { owner: null }, { owner: {} }])],
  ['manager', 'destroyOwnedBy', owner, extra([{ except: 5 }, { except: null }, { except: {} }, { except: undefined }])],
  ['manager', 'ownedBy', owner],
]

export function makeCall(random: Random, tokens: readonly string[]): Call {
  const [callee, method, ...makes] = random.pick(CALLS)
  return { callee, method, args: makes.map((make) => make(random, tokens)), isAwaited: !random.once(3) }
}
