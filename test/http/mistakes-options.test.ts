import Fastify from 'fastify'
import t from 'tap'
import scsSession, { MemoryStore, type ScsOptions } from '../../index.ts'
import { PostgresStore } from '../../stores/postgres.ts'
import { RedisStore } from '../../stores/redis.ts'
import { SqliteStore } from '../../stores/sqlite.ts'
import { makeApp } from '../support/app.ts'
import { databaseAt, placeFor } from '../support/sqlite.ts'

const NO_STORE =
  'Option store must be a store with the methods find, create, update, rename, touch, delete, deleteOwnedBy, all, ownedBy, count, deleteExpired, close'
const THERE_ARE =
  'does not exist; there are store, schema, upgrade, lifetime, idleTimeout, remember, touchInterval, cookie, token, codec, hashToken, owner, limit, client, maxBytes, storeTimeout, clock, adopt, errorReply, decorators'
const COOKIE_HAS = 'does not exist; there are name, path, domain, httpOnly, secure, sameSite, persist, partitioned, rolling'
const NO_SCHEMA =
  "Option schema must be a TypeBox Type.Object, a JSON Schema with type: 'object' and properties, or an object with a schema of Zod, Valibot or ArkType for each key"
const WHOLE =
  '; a whole object schema of another library cannot be checked key by key: give an object with a schema for each key, which is schema.shape of Zod and schema.entries of Valibot'

/** What every Standard Schema has, made as Zod makes it. */
const standard = { '~standard': { version: 1, vendor: 'zod', validate: () => ({ value: 1 }) } }

const MISTAKES: readonly (readonly [() => object, string])[] = [
  [() => ({ secret: 's' }), `Option secret ${THERE_ARE}; no secret is needed, because a token is random and nothing is signed.`],
  [() => ({ resave: false }), `Option resave ${THERE_ARE}; leave it out: only a session that was changed is written.`],
  [
    () => ({ saveUninitialized: false }),
    `Option saveUninitialized ${THERE_ARE}; leave it out: a session that nothing was put into is never stored.`,
  ],
  [() => ({ rolling: true }), `Option rolling ${THERE_ARE}; a session that every request prolongs has an idleTimeout.`],
  [() => ({ cookieName: 'sid' }), `Option cookieName ${THERE_ARE}; the name of the cookie is cookie.name.`],
  [() => ({ idletimout: '1h' }), `Option idletimout ${THERE_ARE} (did you mean idleTimeout?).`],
  [
    () => ({ cookie: { maxAge: 60 } }),
    `Option cookie.maxAge ${COOKIE_HAS}; the cookie lives as long as the session: lifetime, for example '24h'.`,
  ],
  [() => ({ cookie: { samesite: 'lax' } }), `Option cookie.samesite ${COOKIE_HAS} (did you mean cookie.sameSite?).`],
  [() => ({ cookie: { secure: 'yes' } }), "Option cookie.secure must be true, false or 'auto'."],
  [
    () => ({ lifetime: '12 hours' }),
    "Option lifetime must be milliseconds or a string such as '90s', '20m', '24h' or '30d', at least 1 ms and at most 400 days: browsers keep no cookie longer (RFC 6265bis, 5.5).",
  ],
  [
    () => ({ store: 'redis://localhost' }),
    `${NO_STORE}; a connection string is none: new RedisStore(new Redis(url)), or new PostgresStore(new pg.Pool({ connectionString })).`,
  ],
  [() => ({ store: MemoryStore }), `${NO_STORE}; this is a function or a class: give an object that new made of it.`],
  [
    () => ({ store: { get() {}, set() {}, destroy() {} } }),
    `${NO_STORE}; this is one of express-session: new ExpressStore(store), from fastify-scs/stores/express.`,
  ],
  ...[{ query() {} }, { getBuffer() {} }].map(
    (store) =>
      [
        () => ({ store }),
        `${NO_STORE}; this is a connection: give it to new RedisStore, new PostgresStore or new MysqlStore, from fastify-scs/stores/….`,
      ] as const,
  ),
  [() => ({ store: new RedisStore({ sendCommand() {} } as never) }), 'RedisStore: the client must be a Redis or a Cluster of ioredis'],
  [() => ({ schema: standard }), `${NO_SCHEMA}${WHOLE}.`],
  [() => ({ schema: { userId: standard, cart: [] } }), `${NO_SCHEMA}.`],
]

t.test('each wrong option is told with a sentence that says what to do', async (t) => {
  for (const [make, message] of MISTAKES) {
    const wrong = async () => await Fastify().register(scsSession, make() as ScsOptions)
    await t.rejects(wrong(), { message: new RegExp(`^${message.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`) })
    t.notMatch(message, 'undefined')
  }
  const twice = Fastify().register(scsSession)
  await t.rejects(async () => await twice.register(scsSession), {
    message: 'Option cookie.name is taken: the plugin is registered twice for the cookie session; remove one, or give it a cookie.name',
  })
})

t.test('a number that looks like seconds is told in the log', async (t) => {
  const { warnings } = await makeApp({ lifetime: 86_400, idleTimeout: 60_000 })
  t.strictSame(
    warnings().map(({ msg }) => msg),
    ["the option lifetime is 86400 milliseconds: if these are seconds, write '86400s'"],
  )
})

t.test('a store without its table names migrate()', async (t) => {
  const missing = Object.assign(new Error('relation "sessions" does not exist'), { code: '42P01' })
  const stores = [new PostgresStore({ query: () => Promise.reject(missing) }), new SqliteStore(databaseAt(t, placeFor(t)))]
  for (const store of stores) {
    await t.rejects(async () => await store.find('key', { expiry: true }), {
      message: /^\w+Store: .*: call await store\.migrate\(\) once, before the first request$/,
    })
  }
})
