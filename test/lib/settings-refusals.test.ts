import t from 'tap'
import { Type } from 'typebox'
import { JsonCodec } from '../../lib/data/codec.ts'
import { settle } from '../../lib/settings.ts'
import type { ManagerOptions } from '../../types/options.ts'
import { SpyStore } from '../support/spy-store.ts'
import { NO_BOOLEAN, NO_DURATION, NO_FUNCTION, NO_TEXT } from './bad-values.ts'

const store = new SpyStore()

const settled = (options: object) => settle({ store, ...options } as ManagerOptions)

/** The store without one of its verbs. */
function without(verb: string): object {
  return Object.assign(Object.create(store), { [verb]: undefined })
}

const DAY = 86_400_000

t.test('a bad option throws FST_ERR_SCS_OPTION, which names the option and the rule', async (t) => {
  const table: Readonly<Record<keyof ManagerOptions, readonly [readonly unknown[], RegExp]>> = {
    store: [
      [...NO_FUNCTION, () => store, ...['find', 'create', 'rename', 'deleteExpired', 'close'].map(without)],
      /must be a store with the methods find, create, update/,
    ],
    schema: [
      [
        ...NO_TEXT,
        'text',
        Type.String(),
        Type.Array(Type.String()),
        { type: 'object' },
        { type: 'object', properties: null },
        { properties: {} },
        Object.assign(() => {}, { type: 'object', properties: {} }),
      ],
      /must be a TypeBox Type\.Object, a JSON Schema/,
    ],
    upgrade: [NO_FUNCTION, /must be a function \(values\) => values/],
    lifetime: [
      [...NO_DURATION, '401d', 400 * DAY + 1, '10000d'],
      /must be .* at most 400 days: browsers keep no cookie longer \(RFC 6265bis/,
    ],
    idleTimeout: [NO_DURATION, /must be milliseconds or a string such as '90s', '20m'/],
    remember: [[null, true, 0, '30d', [], () => ({})], /must be an object/],
    token: [[null, true, 0, 'x-session-token', [], () => ({})], /must be an object/],
    touchInterval: [NO_DURATION, /must be milliseconds or a string such as '90s', '20m'/],
    cookie: [[null, true, 0, 'session', [], () => ({})], /must be an object/],
    codec: [[...NO_FUNCTION, { encode() {} }, { decode() {} }, JsonCodec], /must be a codec with encode and decode/],
    hashToken: [NO_BOOLEAN, /must be true, false or .migrate./],
    owner: [[...NO_TEXT, '__owner', '__rememberMe'], /must be a key of the session, and not a reserved one/],
    limit: [[null, true, 0, 3, '3', [], () => ({})], /must be an object/],
    client: [NO_FUNCTION, /must be a function \(request\) => details/],
    maxBytes: [
      [null, true, 0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 10n, '65535', {}, []],
      /must be a positive whole number of bytes/,
    ],
    storeTimeout: [[...NO_DURATION, '25d', 2 ** 31], /must be milliseconds or a string.*at most 24 days/],
    clock: [NO_FUNCTION, /must be a function that returns epoch milliseconds/],
    log: [[...NO_FUNCTION, { info() {} }, { warn() {} }, () => {}], /must be a logger with info and warn/],
  }
  for (const [name, [values, rule]] of Object.entries(table)) {
    for (const value of values) {
      const message = new RegExp(`^Option ${name} ${rule.source}`)
      t.throws(() => settled({ [name]: value }), { code: 'FST_ERR_SCS_OPTION', message }, `${name}: ${typeof value} ${String(value)}`)
    }
  }
})

t.test('an option that does not exist is named, beside those that do', async (t) => {
  for (const name of ['lifeTime', 'maxAge', 'constructor', 'toString', 'secret', 'decorators']) {
    t.throws(() => settled({ [name]: undefined }), {
      code: 'FST_ERR_SCS_OPTION',
      message: `Option ${name} does not exist; there are store, schema,`,
    })
  }
  for (const name of ['maxAge', 'expires', 'samesite', 'signed', 'hasOwnProperty']) {
    t.throws(() => settled({ cookie: { [name]: 1 } }), {
      code: 'FST_ERR_SCS_OPTION',
      message: `Option cookie.${name} does not exist; there are name, path,`,
    })
  }
})

t.test('options that are no object, or have no store, are refused', async (t) => {
  for (const options of [undefined, null, 7, 'text', () => {}]) {
    t.throws(() => settle(options as unknown as ManagerOptions), {
      code: 'FST_ERR_SCS_OPTION',
      message: /^Option \(all\) must be an object/,
    })
  }
  for (const options of [{}, { store: undefined }] as ManagerOptions[])
    t.throws(() => settle(options), { code: 'FST_ERR_SCS_OPTION', message: /^Option store must be a store/ })
})

t.test('what a store says of itself is checked', async (t) => {
  const bad: readonly (readonly [object, RegExp])[] = [
    [{ lacks: 'owner' }, /store\.lacks must be an array of/],
    [{ lacks: ['everything'] }, /store\.lacks/],
    [{ lacks: ['owner', 'everything'] }, /store\.lacks/],
    [{ lacks: null }, /store\.lacks/],
    [{ maxBytes: Number.NaN }, /store\.maxBytes must be a positive whole number/],
    [{ maxBytes: 0 }, /store\.maxBytes/],
    [{ cleanupInterval: 0 }, /store\.cleanupInterval must be milliseconds/],
    [{ cleanupInterval: Number.NaN }, /store\.cleanupInterval/],
    [{ cleanupInterval: '5' }, /store\.cleanupInterval/],
    [{ cleanupBatch: 1.5 }, /store\.cleanupBatch must be a positive whole number/],
    [{ attach: 'log' }, /store\.attach must be a method/],
  ]
  for (const [members, message] of bad) {
    t.throws(() => settled({ store: Object.assign(new SpyStore(), members) }), { code: 'FST_ERR_SCS_OPTION', message })
  }
  const unreadable = Object.defineProperty(new SpyStore(), 'maxBytes', {
    get() {
      throw new Error('nobody may look')
    },
  })
  t.throws(() => settled({ store: unreadable }), { code: 'FST_ERR_SCS_OPTION', message: /store\.maxBytes cannot be read/ })
  const good = { lacks: ['list', 'compare'], maxBytes: 7, cleanupInterval: Number.POSITIVE_INFINITY, cleanupBatch: 1 }
  t.equal(settled({ store: Object.assign(new SpyStore(), good) }).maxBytes, 7)
  const learning = Object.assign(new SpyStore(), { maxBytes: 9 })
  const settings = settled({ store: learning })
  learning.maxBytes = 5
  t.equal(settings.maxBytes, 5, 'a store may come to know it later')
})

t.test('what cannot be read, or not even be looked at, is refused by its name, with the cause', async (t) => {
  const cause = new Error('nobody may look')
  const no = () => {
    throw cause
  }
  const { proxy: revoked, revoke } = Proxy.revocable({}, {})
  revoke()
  const throwing = (name: string) => Object.defineProperty({ store }, name, { get: no, enumerable: true })
  t.throws(() => settle(throwing('lifetime') as ManagerOptions), { message: /Option lifetime cannot be read/, cause })
  t.throws(() => settled({ cookie: throwing('path') }), { message: /Option cookie\.path cannot be read/, cause })
  t.throws(() => settled({ cookie: revoked }), { code: 'FST_ERR_SCS_OPTION', message: /Option cookie / })
  t.throws(() => settled({ cookie: new Proxy({}, { ownKeys: no }) }), { message: /Option cookie cannot be read/, cause })
  t.throws(() => settle(revoked as ManagerOptions), { message: /Option \(all\) cannot be read/ })
  for (const name of ['store', 'schema', 'codec']) {
    const looked = { [name]: new Proxy({}, { get: no }) }
    t.throws(() => settled(looked), { code: 'FST_ERR_SCS_OPTION', message: new RegExp(`Option ${name} `) })
  }
})
