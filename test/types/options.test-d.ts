// A wrong option does not compile, and neither does a store that breaks its contract.
import Fastify from 'fastify'
import scsSession, {
  type Answer,
  type CookieRequest,
  type Duration,
  type FindWant,
  type FoundRecord,
  JsonCodec,
  MemoryStore,
  type ScsOptions,
  SessionManager,
  type SessionStore,
  type StoreEntry,
  type StoreRecord,
} from 'fastify-scs'
import Type from 'typebox'

const everything: ScsOptions = {
  store: new MemoryStore({ maxSessions: 1000, clock: () => 0 }),
  schema: Type.Object({ userId: Type.String() }, { additionalProperties: Type.String() }),
  upgrade: (values) => ({ ...values, userId: String(values['user']) }),
  lifetime: '24h',
  idleTimeout: 1_200_000,
  touchInterval: '1m',
  remember: { lifetime: '30d', idleTimeout: '7d' },
  cookie: {
    ...{ name: '__Host-session', path: '/', httpOnly: true, secure: 'auto', sameSite: 'lax', persist: true, partitioned: false },
    domain: 'example.com',
  },
  token: { header: 'authorization', scheme: 'Bearer' },
  codec: new JsonCodec(),
  hashToken: true,
  owner: 'userId',
  maxBytes: 65_535,
  storeTimeout: '5s',
  errorReply: (error, request) => ({ statusCode: error.statusCode ?? 503, error: 'Unavailable', message: `${error.code} ${request.id}` }),
  decorators: { request: 'session', instance: 'sessions' },
}
Fastify().register(scsSession, everything)
Fastify().register(scsSession, { prefix: '/api', lifetime: '1h' })
Fastify().register(scsSession, { remember: {}, token: { header: 'x-session-token' } })
Fastify().register(scsSession, { cookie: { domain: (request) => request.hostname.split('.').slice(-2).join('.') } })
Fastify().register(scsSession, { cookie: { domain: ({ headers }) => (headers['x-tenant'] === 'a' ? 'a.example' : undefined) } })
Fastify().register(scsSession, { schema: { type: 'object', properties: { userId: { type: 'string' } }, required: ['userId'] } })
Fastify().register(scsSession, { schema: Type.Object({ theme: Type.Optional(Type.String()) }) })
Fastify().register(scsSession, { schema: Type.Object({ node: Type.Ref('#/$defs/Node') }, { $defs: { Node: Type.String() } }) })
Fastify().get('/', async (request) => {
  const needed: CookieRequest = request
  return needed.protocol
})

const durations: readonly Duration[] = [1500, '90s', '20m', '24h', '30d', '1.5h', '250ms', `${7}d`, process.env['LIFETIME'] as Duration]
// @ts-expect-error a unit is a letter or two
const words: Duration = '12 hours'
// @ts-expect-error there is no such unit
const week: Duration = '1w'
// @ts-expect-error a number without a unit is a number
const bare: Duration = '20'
// @ts-expect-error what is only known when the program runs needs a cast
const read: Duration = process.env['LIFETIME'] ?? '24h'

// @ts-expect-error a duration of words
Fastify().register(scsSession, { lifetime: '12 hours' })
// @ts-expect-error a duration of words
Fastify().register(scsSession, { remember: { lifetime: 'a month' } })
// @ts-expect-error there is no such option of remember
Fastify().register(scsSession, { remember: { touchInterval: '1m' } })
// @ts-expect-error a header has a name
Fastify().register(scsSession, { token: { scheme: 'Bearer' } })
// @ts-expect-error a domain is known at once
Fastify().register(scsSession, { cookie: { domain: async () => 'example.com' } })
// @ts-expect-error the schema of a list
Fastify().register(scsSession, { schema: { type: 'array', items: { type: 'string' } } })
// @ts-expect-error an upgrade is known at once
Fastify().register(scsSession, { upgrade: async (values) => values })

// @ts-expect-error there is no such option
Fastify().register(scsSession, { lifeTime: '24h' })
// @ts-expect-error a duration is a number or a string
Fastify().register(scsSession, { lifetime: new Date() })
// @ts-expect-error the plugin logs with the application's logger
Fastify().register(scsSession, { log: console })
// @ts-expect-error there is no such attribute
Fastify().register(scsSession, { cookie: { maxAge: 60 } })
// @ts-expect-error SameSite is a word, in lower case
Fastify().register(scsSession, { cookie: { sameSite: 'Lax' } })
// @ts-expect-error SameSite is a word
Fastify().register(scsSession, { cookie: { sameSite: true } })
// @ts-expect-error true, false or auto
Fastify().register(scsSession, { cookie: { secure: 'always' } })
// @ts-expect-error not an object's schema
Fastify().register(scsSession, { schema: Type.String() })
// @ts-expect-error a reply cannot be upgraded to text
Fastify().register(scsSession, { upgrade: () => 'values' })
// @ts-expect-error only the plugin has decorators
new SessionManager({ decorators: { request: 'session' } })
// @ts-expect-error a number
new MemoryStore({ maxSessions: '1000' })

/** A store as its author would write it: some verbs answer at once, others later. */
class UsersStore implements SessionStore {
  readonly lacks = ['list'] as const
  readonly cleanupInterval = 60_000

  async find(_key: string, want: FindWant): Promise<FoundRecord | undefined> {
    return want.expiry ? { data: new Uint8Array(), expiresAt: 0 } : { data: Buffer.from('') }
  }
  async create(_key: string, record: StoreRecord, _until?: number): Promise<boolean> {
    return record.data.byteLength > 0
  }
  update(_key: string, _previous: Uint8Array, _record: StoreRecord): boolean {
    return true
  }
  rename(_old: string, _new: string, _previous: Uint8Array, _record: StoreRecord, trace?: StoreEntry): Answer<boolean> {
    return trace === undefined
  }
  touch(): PromiseLike<boolean> {
    return Promise.resolve(true)
  }
  delete(_key: string, _previous?: Uint8Array): boolean {
    return true
  }
  deleteOwnedBy(_owner: string): number {
    return 0
  }
  async *all(): AsyncGenerator<StoreEntry> {}
  async *ownedBy(_owner: string): AsyncGenerator<StoreEntry> {}
  count(): number {
    return 0
  }
  deleteExpired(_limit: number): number {
    return 0
  }
  close(): void {}
}
Fastify().register(scsSession, { store: new UsersStore() })

class Forgetful extends UsersStore {
  // @ts-expect-error whether it was written must be said
  override update(): void {}
}
class Texts extends UsersStore {
  // @ts-expect-error a store keeps bytes
  override async find(): Promise<string> {
    return ''
  }
}
// @ts-expect-error a store without its verbs
Fastify().register(scsSession, { store: { find: () => undefined, create: () => true } })

export { Forgetful, Texts }
