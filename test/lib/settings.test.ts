import t from 'tap'
import { Type } from 'typebox'
import { JsonCodec } from '../../lib/data/codec.ts'
import { COOKIE_DEFAULTS } from '../../lib/http/cookie.ts'
import { cookieSettings, replyCookie, settle, wantOf } from '../../lib/settings.ts'
import type { CookieOptions, ManagerOptions } from '../../types/options.ts'
import type { StoreLack } from '../../types/store.ts'
import { fakeClock } from '../support/clock.ts'
import { SpyStore } from '../support/spy-store.ts'

const store = new SpyStore()
const schema = Type.Object({ userId: Type.String() })
const settled = (options: object) => settle({ store, ...options } as ManagerOptions)

/** The store without one of its verbs. */
function without(verb: string): object {
  return Object.assign(Object.create(store), { [verb]: undefined })
}

const DAY = 86_400_000

const NO_FUNCTION: readonly unknown[] = [null, true, 0, 1, '', 'text', {}, []]
const NO_BOOLEAN: readonly unknown[] = [null, 0, 1, '', 'true', 'yes', {}, [], () => true]
const NO_TEXT: readonly unknown[] = [null, true, 0, 7, '', {}, ['text'], () => 'text']
const NO_DURATION: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  0.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  10n,
  '',
  '20',
  '20x',
  '-5m',
  '500000d',
  {},
  [20],
  new Date(),
]

t.test('a store is asked for the expiry when there is an idle timeout, and for the owner when there are owners', async (t) => {
  t.strictSame(wantOf(settled({})), { expiry: false, owner: false })
  t.strictSame(wantOf(settled({ idleTimeout: '20m' })), { expiry: true, owner: false })
  t.strictSame(wantOf(settled({ remember: { idleTimeout: '7d' } })), { expiry: true, owner: false })
  t.strictSame(wantOf(settled({ remember: { lifetime: '7d' } })), { expiry: false, owner: false })
  t.strictSame(wantOf(settled({ owner: 'user' })), { expiry: false, owner: true })
})

t.test('a limit is itself allowed', async (t) => {
  t.equal(settled({ storeTimeout: 2 ** 31 - 1 }).storeTimeout, 2 ** 31 - 1)
  const name = 'x'.repeat(4000)
  t.equal(settled({ cookie: { name } }).cookie.name, name)
  t.equal(settled({ maxBytes: 1 }).maxBytes, 1)
  t.equal(settled({ lifetime: '400d' }).lifetime, 400 * DAY)
  t.equal(settled({ idleTimeout: '401d' }).idleTimeout, 401 * DAY)
  t.equal(settled({ cookie: { secure: 'auto' } }).cookie.secure, 'auto')
})

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
      /must be a TypeBox Type\.Object, or a JSON Schema/,
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
    hashToken: [NO_BOOLEAN, /must be true or false/],
    owner: [[...NO_TEXT, '__owner', '__rememberMe'], /must be a key of the session, and not a reserved one/],
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

t.test('a bad option of the cookie throws FST_ERR_SCS_OPTION, which names it', async (t) => {
  const table: Readonly<Record<keyof CookieOptions, readonly [readonly unknown[], RegExp]>> = {
    name: [[...NO_TEXT, 'a b', 'x'.repeat(4001)], /(?:must be a string|has characters that a cookie cannot have)/],
    path: [[...NO_TEXT, 'app', './', '/a;b'], /(?:must be a string that begins with '\/'|has characters)/],
    domain: [[null, true, 0, 7, '', {}, ['text'], 'a b', '.'], /(?:must be a string that is not empty, or a function|has characters)/],
    httpOnly: [NO_BOOLEAN, /must be true or false/],
    secure: [NO_BOOLEAN, /must be true, false or 'auto'/],
    sameSite: [[...NO_BOOLEAN, true, false, 'Lax', 'LAX', ['lax']], /must be 'lax', 'strict' or 'none'/],
    persist: [NO_BOOLEAN, /must be true or false/],
    partitioned: [NO_BOOLEAN, /must be true or false/],
  }
  for (const [name, [values, rule]] of Object.entries(table)) {
    for (const value of values) {
      const message = new RegExp(`^Option cookie\\.${name} ${rule.source}`)
      t.throws(
        () => settled({ cookie: { [name]: value } }),
        { code: 'FST_ERR_SCS_OPTION', message },
        `cookie.${name}: ${typeof value} ${String(value).slice(0, 20)}`,
      )
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

t.test('an option is read once: what was checked is what is used', async (t) => {
  let reads = 0
  const options = Object.defineProperty({ store }, 'lifetime', { get: () => (reads++ === 0 ? 1000 : 'for ever'), enumerable: true })
  t.equal(settle(options as ManagerOptions).lifetime, 1000)
  t.equal(reads, 1)
})

t.test('the defaults are those of the design', async (t) => {
  const before = Date.now()
  const { clock, codec, log, template: _template, tokenCache: _tokenCache, ...rest } = settled({})
  t.strictSame(rest, {
    ...{ store, schema: undefined, upgrade: undefined, owner: undefined, hashToken: true, keepsDecoded: true, maxBytes: 65_535 },
    ...{
      lifetime: 86_400_000,
      idleTimeout: undefined,
      remember: undefined,
      longestIdle: undefined,
      touchInterval: 0,
      storeTimeout: 5000,
      tokenHeader: undefined,
    },
    cookie: {
      name: 'session',
      path: '/',
      domain: undefined,
      httpOnly: true,
      secure: 'auto',
      sameSite: 'lax',
      persist: true,
      partitioned: false,
    },
  })
  t.type(codec, JsonCodec)
  t.ok(clock() >= before && clock() <= Date.now())
  t.doesNotThrow(() => {
    log.info({}, 'nothing is said')
    log.warn({}, 'nothing is said')
  })
})

t.test('what is given is used', async (t) => {
  const given = {
    ...{ upgrade: (values: Record<string, unknown>) => values, codec: new JsonCodec(), hashToken: false, owner: 'userId', maxBytes: 1000 },
    ...{ clock: fakeClock(), log: { info() {}, warn() {} } },
  }
  const { schema: rules, ...rest } = settled({
    ...given,
    schema,
    lifetime: '12h',
    idleTimeout: '20m',
    touchInterval: 5000,
    storeTimeout: '1s',
  })
  t.match(rest, { ...given, lifetime: 43_200_000, idleTimeout: 1_200_000, touchInterval: 5000, storeTimeout: 1000 })
  t.throws(() => rules?.check('userId', 7), { code: 'FST_ERR_SCS_SCHEMA' })
  t.strictSame(settled({ token: { header: 'Authorization', scheme: 'Bearer' } }).tokenHeader, { name: 'authorization', scheme: 'Bearer' })
  for (const name of ['upgrade', 'codec', 'clock', 'log'] as const) t.equal(rest[name], given[name])
})

t.test('an option that is undefined counts as not given', async (t) => {
  const names = [
    'schema',
    'upgrade',
    'lifetime',
    'idleTimeout',
    'remember',
    'touchInterval',
    'cookie',
    'token',
    'codec',
    'hashToken',
    'owner',
    'maxBytes',
    'storeTimeout',
    'clock',
    'log',
  ]
  const { clock, codec, ...rest } = settled(Object.fromEntries(names.map((name) => [name, undefined])))
  const { clock: _clock, codec: _codec, ...defaults } = settled({})
  t.strictSame(rest, defaults)
  t.type(clock(), 'number')
  t.type(codec, JsonCodec)
  t.strictSame(cookieSettings(Object.fromEntries(Object.keys(COOKIE_DEFAULTS).map((name) => [name, undefined]))), COOKIE_DEFAULTS)
})

t.test('what was handed in is not changed, frozen or not', async (t) => {
  const cookie = Object.freeze({ name: '__Host-sid', sameSite: 'strict' as const, domain: undefined })
  const options = Object.freeze({ store, schema, idleTimeout: '20m', cookie })
  const settings = settled(options)
  t.equal(settings.cookie.secure, true)
  t.strictSame(cookie, { name: '__Host-sid', sameSite: 'strict', domain: undefined })
  t.strictSame(options, { store, schema, idleTimeout: '20m', cookie })
  const open = { domain: '.example.com', sameSite: 'none' as const }
  t.equal(settled({ cookie: open }).cookie.domain, 'example.com')
  t.strictSame(open, { domain: '.example.com', sameSite: 'none' })
  t.equal(COOKIE_DEFAULTS.secure, 'auto', 'and the defaults stay')
})

t.test('touchInterval is the smaller of a minute and a tenth of idleTimeout, and less than it', async (t) => {
  const table: readonly (readonly [ManagerOptions['idleTimeout'], number])[] = [
    ['20m', 60_000],
    ['10m', 60_000],
    ['5m', 30_000],
    [100, 10],
    [10, 1],
  ]
  for (const [idleTimeout, interval] of table) t.equal(settled({ idleTimeout }).touchInterval, interval, String(idleTimeout))
  for (let idleTimeout = 1; idleTimeout < 30; idleTimeout++) t.ok(settled({ idleTimeout }).touchInterval < idleTimeout, `${idleTimeout} ms`)
  t.throws(() => settled({ touchInterval: '1m' }), { code: 'FST_ERR_SCS_OPTION', message: 'Option touchInterval needs an idleTimeout.' })
  for (const touchInterval of ['20m', '21m']) {
    t.throws(() => settled({ idleTimeout: '20m', touchInterval }), {
      code: 'FST_ERR_SCS_OPTION',
      message: 'Option touchInterval must be less than idleTimeout.',
    })
  }
  t.equal(settled({ idleTimeout: '20m', touchInterval: 1_199_999 }).touchInterval, 1_199_999)
})

t.test('what is remembered has timeouts of its own, and what is left out stays as it is', async (t) => {
  const table: readonly (readonly [ManagerOptions, ReturnType<typeof settled>['remember'], touchInterval: number])[] = [
    [{ remember: { lifetime: '30d', idleTimeout: '7d' } }, { lifetime: 30 * DAY, idleTimeout: 7 * DAY }, 60_000],
    [{ remember: { lifetime: '30d' }, lifetime: '1h', idleTimeout: '5m' }, { lifetime: 30 * DAY, idleTimeout: 300_000 }, 30_000],
    [{ remember: { idleTimeout: '5m' }, idleTimeout: '20m' }, { lifetime: DAY, idleTimeout: 300_000 }, 30_000],
    [{ remember: { idleTimeout: 1000 } }, { lifetime: DAY, idleTimeout: 1000 }, 100],
    [{ remember: { lifetime: '30d' } }, { lifetime: 30 * DAY, idleTimeout: undefined }, 0],
    [{ remember: {}, lifetime: '1h' }, { lifetime: 3_600_000, idleTimeout: undefined }, 0],
    [{ remember: Object.freeze({ idleTimeout: '1h' as const }), touchInterval: '10m' }, { lifetime: DAY, idleTimeout: 3_600_000 }, 600_000],
  ]
  for (const [options, remember, touchInterval] of table) t.match(settled(options), { remember, touchInterval }, JSON.stringify(options))
  const bad: readonly (readonly [object, RegExp])[] = [
    ...NO_DURATION.flatMap((value): [object, RegExp][] => [
      [{ remember: { lifetime: value } }, /^Option remember\.lifetime must be .* at most 400 days/],
      [{ remember: { idleTimeout: value } }, /^Option remember\.idleTimeout must be milliseconds/],
    ]),
    [{ remember: { lifetime: '401d' } }, /^Option remember\.lifetime must be .* at most 400 days: browsers keep no cookie longer/],
    [{ remember: { persist: true } }, /^Option remember\.persist does not exist; there are lifetime, idleTimeout/],
    [
      { remember: { idleTimeout: '1h' }, idleTimeout: '2h', touchInterval: '1h' },
      /^Option touchInterval must be less than remember\.idleTimeout/,
    ],
    [{ remember: { idleTimeout: '2h' }, idleTimeout: '1h', touchInterval: '1h' }, /^Option touchInterval must be less than idleTimeout/],
    [{ remember: { lifetime: '2h' }, touchInterval: '1h' }, /^Option touchInterval needs an idleTimeout/],
  ]
  for (const [options, message] of bad) t.throws(() => settled(options), { code: 'FST_ERR_SCS_OPTION', message })
})

t.test('an owner must be a key of the schema', async (t) => {
  for (const [keys, owner, has] of [
    [{ userId: {}, cart: {} }, 'userID', 'userId, cart'],
    [{ userId: {} }, 'constructor', 'userId'],
    [{}, 'userId', 'none'],
  ] as const) {
    for (const additionalProperties of [undefined, true] as const) {
      t.throws(() => settled({ owner, schema: { type: 'object', properties: keys, additionalProperties } }), {
        code: 'FST_ERR_SCS_OPTION',
        message: `Option owner must be a key of the schema, which has ${has}.`,
      })
    }
  }
  t.equal(settled({ owner: 'userId', schema }).owner, 'userId')
})

t.test('options that contradict one another or the store are refused', async (t) => {
  t.throws(() => settled({ upgrade: (values: object) => values }), {
    code: 'FST_ERR_SCS_OPTION',
    message: /^Option upgrade needs a schema/,
  })
  const lacking = (lacks: readonly StoreLack[]) => Object.assign(new SpyStore(), { lacks })
  t.throws(() => settled({ store: lacking(['compare', 'owner']), owner: 'userId' }), {
    code: 'FST_ERR_SCS_OPTION',
    message: /^Option owner is not possible with this store/,
  })
  t.equal(settled({ store: lacking(['compare', 'list']), owner: 'userId' }).owner, 'userId')
  t.throws(() => settled({ cookie: { secure: false, sameSite: 'none' } }), {
    code: 'FST_ERR_SCS_OPTION',
    message: /^Option cookie\.secure cannot be false/,
  })
})

t.test('the lower limit of maxBytes holds, the option’s or the store’s', async (t) => {
  const limited = (maxBytes: number) => Object.assign(new SpyStore(), { maxBytes })
  t.equal(settled({ store: limited(100) }).maxBytes, 100)
  t.equal(settled({ store: limited(100), maxBytes: 50 }).maxBytes, 50)
  t.equal(settled({ store: limited(100_000) }).maxBytes, 65_535)
  t.equal(settled({ maxBytes: 1_000_000 }).maxBytes, 1_000_000)
})

t.test('the options of one reply start from those of the plugin', async (t) => {
  const registered = cookieSettings({ name: '__Secure-sid', domain: 'example.com', sameSite: 'strict' })
  t.strictSame(cookieSettings({ httpOnly: false }, registered), { ...registered, httpOnly: false })
  t.throws(() => cookieSettings({ secure: false }, registered), { code: 'FST_ERR_SCS_OPTION' })
})

t.test('a reply may repeat what is registered, and change what may differ', async (t) => {
  const registered = cookieSettings({ domain: 'example.com', path: '/app' })
  const same: readonly object[] = [
    {},
    { domain: undefined, path: undefined, partitioned: undefined, maxAge: undefined, expires: undefined },
    { domain: 'example.com', path: '/app', partitioned: false, name: 'session' },
    { domain: '.example.com', userInfo: 1, signed: true },
  ]
  for (const options of same) t.strictSame(replyCookie(options, registered), registered, JSON.stringify(options))
  t.strictSame(replyCookie({ sameSite: 'strict', secure: undefined } as object, registered), { ...registered, sameSite: 'strict' })
  const domain = () => 'example.com'
  t.equal(replyCookie({ domain } as object, cookieSettings({ domain })).domain, domain)
  for (const [option, value] of [
    ...[
      ['domain', 'other.example'],
      ['domain', ''],
      ['domain', 7],
      ['path', '/'],
      ['path', 'app'],
      ['partitioned', true],
      ['name', 'sid'],
    ],
    ...[
      ['domain', () => 'example.com'],
      ['maxAge', 60],
      ['expires', new Date()],
    ],
  ] as [string, unknown][]) {
    const message = new RegExp(`^options\\(\\{ ${option} \\}\\) (?:cannot differ from reply to reply|follows from the deadline)`)
    t.throws(() => replyCookie({ [option]: value } as object, registered), { code: 'FST_ERR_SCS_ARGUMENT', message }, option)
  }
  t.throws(() => replyCookie({ domain: 'example.com' } as object, cookieSettings({})), { code: 'FST_ERR_SCS_ARGUMENT' })
  for (const value of [1, undefined])
    t.throws(() => replyCookie({ samesite: value } as object, registered), { message: /^Option cookie\.samesite does not exist/ })
})
