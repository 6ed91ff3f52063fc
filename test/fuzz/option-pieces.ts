import { Type } from 'typebox'
import { JsonCodec, MemoryStore } from '../../index.ts'
import { SpyStore } from '../support/spy-store.ts'
import type { Random } from './random.ts'

/** Values for an option, good and bad ones. `undefined` is a good one everywhere: it counts as not given. */
export interface Pieces {
  readonly good: readonly unknown[]
  readonly bad: readonly unknown[]
}

/** What nobody may call. */
export const no = (): never => {
  throw new Error('nobody may look')
}
const nobody = new Proxy({}, { get: no, has: no, ownKeys: no, getPrototypeOf: no, getOwnPropertyDescriptor: no })
const { proxy: revoked, revoke } = Proxy.revocable({}, {})
revoke()

/** What is wrong wherever it stands. */
const WRONG: readonly unknown[] = [null, Symbol('s'), 7n, Number.NaN, nobody, revoked]
const NOT_A_TEXT: readonly unknown[] = [...WRONG, 5, true, {}, [], '']
const NOT_A_BOOLEAN: readonly unknown[] = [...WRONG, 0, 1, 'true', {}, []]
const NOT_A_FUNCTION: readonly unknown[] = [...WRONG, 5, 'x', {}, true, class {}.prototype]

/** Durations, with what they are in milliseconds. */
export const DURATIONS: ReadonlyMap<unknown, number> = new Map<unknown, number>([
  ...[1, 1000, 60_000, 86_400_000].map((ms): [unknown, number] => [ms, ms]),
  ...([
    ['1ms', 1],
    ['90s', 90_000],
    ['20m', 1_200_000],
    ['24h', 86_400_000],
    ['0.5h', 1_800_000],
    ['10d', 864_000_000],
  ] as const),
])

const NOT_A_DURATION: readonly unknown[] = [
  ...[...WRONG, 0, -1, 0.4, Number.POSITIVE_INFINITY, 1e300, '', '0s', '1', '1 h', ' 1h', '1y', '-1s', '1e3ms', 'Infinitys', '1h1m'],
  ...[`${'9'.repeat(400)}s`, '401y', '999999d', {}, [], [1], true, new Date(0), '1h\n', '１h', '__proto__', '1.s'],
]
const duration: Pieces = { good: [undefined, ...DURATIONS.keys()], bad: NOT_A_DURATION }

const lifetime: Pieces = { good: [...duration.good, '400d'], bad: [...NOT_A_DURATION, '401d', 400 * 86_400_000 + 1] }

const boolean: Pieces = { good: [undefined, true, false], bad: NOT_A_BOOLEAN }

export const COOKIE: Readonly<Record<string, Pieces>> = {
  name: {
    good: [undefined, 'session', 'sid', '__Host-id', '__host-id', '__Secure-id', 'x'.repeat(4000), "!#$%&'*+-.^_`|~", '__proto__'],
    bad: [...NOT_A_TEXT, 'a b', 'a;b', 'a=b', 'ä', '\0', '\n', 'x'.repeat(4001)],
  },
  path: { good: [undefined, '/', '/app'], bad: [...NOT_A_TEXT, 'app', '/;x', '/\n', '/ä'] },
  domain: { good: [undefined, 'example.com', '.example.com', 'localhost', no], bad: [...NOT_A_TEXT, 'a;b', 'a b', 'ä.de', '\n'] },
  httpOnly: boolean,
  secure: { good: [undefined, true, false, 'auto'], bad: NOT_A_BOOLEAN },
  sameSite: { good: [undefined, 'lax', 'strict', 'none'], bad: [...NOT_A_TEXT, 'Lax', ['lax'], 'no'] },
  persist: boolean,
  partitioned: boolean,
}

const memory = new MemoryStore()
/** A store with other members than a store has. */
const odd = (members: object): object => Object.assign(new SpyStore('sync', memory), members)
/** Codec, schema and store are looked into; the rest of what they are shows when they are used. */
export const OPTIONS: Readonly<Record<string, Pieces>> = {
  store: {
    good: [
      undefined,
      memory,
      odd({ lacks: ['list'] }),
      odd({ lacks: ['owner'] }),
      odd({ maxBytes: 100, cleanupInterval: 1000, attach: undefined }),
    ],
    bad: [
      ...[...WRONG, {}, 'redis', new Map(), odd({ find: 5 }), odd({ close: undefined }), { ...memory }],
      ...[odd({ lacks: 5 }), odd({ lacks: 'owner' }), odd({ lacks: ['everything'] }), odd({ lacks: null }), odd({ attach: 5 })],
      ...[odd({ maxBytes: Number.NaN }), odd({ maxBytes: '9' }), odd({ maxBytes: -1 }), odd({ cleanupInterval: Number.NaN })],
      ...[odd({ cleanupInterval: '1m' }), odd({ cleanupInterval: 0 }), odd({ cleanupBatch: 0 }), odd({ cleanupBatch: 1.5 })],
    ],
  },
  schema: {
    good: [
      undefined,
      Type.Object({}),
      Type.Object({ user: Type.String(), n: Type.Optional(Type.Number()) }, { additionalProperties: true }),
    ],
    bad: [...WRONG, {}, Type.String(), { type: 'object' }, { type: 'object', properties: null }, 'schema', []],
  },
  upgrade: { good: [undefined, (values: object) => values], bad: NOT_A_FUNCTION },
  lifetime,
  idleTimeout: duration,
  touchInterval: duration,
  remember: {
    good: [undefined, {}, { lifetime: '30d' }, { idleTimeout: '20m' }, { lifetime: undefined, idleTimeout: 1000 }, Object.create(null)],
    bad: [...WRONG, '30d', 5, true, [], { lifetime: '401d' }, { idleTimeout: 0 }, { idle: 1 }, { idleTimeout: Symbol('s') }],
  },
  token: {
    good: [undefined, { header: 'x-token' }, { header: 'Authorization', scheme: 'Bearer' }, { header: '__proto__', scheme: undefined }],
    bad: [
      ...[...WRONG, 'x-token', 5, true, [], {}, { header: '' }, { header: 'a b' }, { header: 'Cookie' }, { header: 'authorization' }],
      ...[{ header: 'x', scheme: 'a b' }, { header: 'x', scheme: null }, { header: Symbol('s') }, { header: 'x', name: 'y' }],
    ],
  },
  codec: {
    good: [undefined, new JsonCodec(), { encode() {}, decode() {} }],
    bad: [...WRONG, {}, 'json', { encode() {} }, { decode() {} }],
  },
  hashToken: boolean,
  owner: { good: [undefined, 'user', 'constructor', '_id'], bad: [...NOT_A_TEXT, '__user', '__proto__'] },
  // A good one needs an owner, which is drawn apart.
  limit: {
    good: [undefined],
    bad: [
      ...[...WRONG, 5, '3', [], true, {}, { perOwner: 1 }, { then: 'refuse' }, { perOwner: 0, then: 'refuse' }, { perOwner: 1, then: 'x' }],
      ...[
        { perOwner: 1.5, then: 'end-oldest' },
        { perOwner: 1, then: 'refuse', most: 1 },
        { perOwner: 1, then: Symbol('s') },
      ],
    ],
  },
  client: { good: [undefined, () => ({})], bad: NOT_A_FUNCTION },
  maxBytes: { good: [undefined, 1, 65_535, 2 ** 31], bad: [...WRONG, 0, -1, 1.5, '1', 2 ** 60, {}, []] },
  storeTimeout: { good: duration.good, bad: [...NOT_A_DURATION, '25d'] },
  clock: { good: [undefined, Date.now], bad: NOT_A_FUNCTION },
  errorReply: { good: [undefined, () => ({})], bad: NOT_A_FUNCTION },
  decorators: {
    good: [
      undefined,
      {},
      { request: 's' },
      { instance: 'm' },
      { request: 'toJSON', instance: 'n' },
      { request: undefined },
      Object.create(null),
    ],
    bad: [...WRONG, [], 'x', 5, { request: '' }, { request: 5 }, { instance: null }, { other: 'x' }, { request: Symbol('s') }],
  },
  log: { good: [undefined], bad: [console, ...WRONG, 5] },
  prefix: { good: ['/x'], bad: [] },
}

/** Names that no option has. */
export const UNKNOWN: readonly string[] = [
  ...['ttl', 'lifetme', 'Store', '__proto__', 'constructor', 'toString', 'hasOwnProperty', '', '0', '%s', 'cookies'],
]

const ANYTHING: readonly unknown[] = [
  ...[undefined, null, 0, -1, Number.NaN, true, Symbol('s'), 7n, {}, [], ['a'], Object.create(null), () => 1, new Map()],
]
const HOSTILE: readonly unknown[] = [
  new Proxy({}, { get: no, ownKeys: no, getPrototypeOf: no }),
  Object.defineProperty({}, 'toString', { value: no }),
  { [Symbol.toPrimitive]: no },
]

/** What is wrong for nearly every argument. */
export function wrongValue(random: Random): unknown {
  return random.pick(random.once(4) ? HOSTILE : ANYTHING)
}
