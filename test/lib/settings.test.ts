import t from 'tap'
import { Type } from 'typebox'
import { JsonCodec } from '../../lib/data/codec.ts'
import { COOKIE_DEFAULTS } from '../../lib/http/cookie.ts'
import { cookieSettings, settle, wantOf } from '../../lib/settings.ts'
import type { ManagerOptions } from '../../types/options.ts'
import type { StoreLack } from '../../types/store.ts'
import { fakeClock } from '../support/clock.ts'
import { SpyStore } from '../support/spy-store.ts'

const store = new SpyStore()
const schema = Type.Object({ userId: Type.String() })
const settled = (options: object) => settle({ store, ...options } as ManagerOptions)

t.test('a store is asked for the expiry when there is an idle timeout, and for the owner when there are owners', async (t) => {
  t.strictSame(wantOf(settled({})), { expiry: false, owner: false })
  t.strictSame(wantOf(settled({ idleTimeout: '20m' })), { expiry: true, owner: false })
  t.strictSame(wantOf(settled({ remember: { idleTimeout: '7d' } })), { expiry: true, owner: false })
  t.strictSame(wantOf(settled({ remember: { lifetime: '7d' } })), { expiry: false, owner: false })
  t.strictSame(wantOf(settled({ owner: 'user' })), { expiry: false, owner: true })
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
    ...{
      store,
      schema: undefined,
      upgrade: undefined,
      owner: undefined,
      limit: undefined,
      client: undefined,
      hashToken: true,
      findsPlain: false,
      keepsDecoded: true,
      maxBytes: 65_535,
    },
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
      rolling: false,
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
