import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { isLater } from './lib/answers.ts'
import { readOptions } from './lib/check.ts'
import type { Engine } from './lib/engine.ts'
import { NotLoadedError, OffError, OptionError } from './lib/errors.ts'
import type { Failure } from './lib/failure.ts'
import { addVary, keepPrivate } from './lib/headers.ts'
import { SessionManager as Manager } from './lib/manager.ts'
import { splitOptions } from './lib/plugin-options.ts'
import { type ErrorPayload, errorShape, replaceReply } from './lib/reply.ts'
import { mend, never, onlyRun } from './lib/sending.ts'
import type { SessionState } from './lib/state.ts'
import { MemoryStore } from './stores/memory.ts'
import type { DecoratorNames, ManagerOptions } from './types/options.ts'
import type { ScsSession, SessionData } from './types/session.ts'
import type { SessionStore } from './types/store.ts'

/** The options of the plugin: a manager's, and what only a plugin has. */
export interface ScsOptions extends Omit<ManagerOptions, 'log'> {
  /** What a reply says when its session could not be saved (SCS's ErrorFunc). Default: Fastify's error shape. */
  readonly errorReply?: (error: Failure, request: FastifyRequest) => ErrorPayload
  /** Other names let several managers live side by side, each with a cookie of its own. */
  readonly decorators?: DecoratorNames
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The session of this request. */
    readonly session: ScsSession
  }
  interface FastifyInstance {
    /** The sessions of the application, for what has no request. */
    readonly sessions: SessionManager
  }
  interface FastifyContextConfig {
    /** False: no session on this route. `{ touch: false }`: requests to it do not prolong the idle timeout. */
    session?: false | { readonly touch?: boolean }
  }
}

/** Sessions without a request: for jobs, tests and administration. In an application, `app.sessions` is one. */
export class SessionManager<D = SessionData> extends Manager<D> {
  /** The options are those of the plugin but for `decorators` and `errorReply`. Throws `FST_ERR_SCS_OPTION`. */
  constructor(options: ManagerOptions = {}) {
    const given = readOptions(options)
    super(given.store === undefined ? { ...given, store: new MemoryStore(given.clock ? { clock: given.clock } : {}) } : given)
  }
}

type ErrorReply = NonNullable<ScsOptions['errorReply']>

/** Where an application notes its session cookies, and those around it, with the store of each. */
const COOKIES = Symbol('fastify-scs.cookies')

/** Server-side sessions: loaded in `onRequest`, saved in `onSend`. */
const register: FastifyPluginAsync<ScsOptions> = async (app, options) => {
  const { manager: managerOptions, errorReply = errorShape, names } = splitOptions<ScsOptions, ErrorReply>(options)
  const manager = new SessionManager({ ...managerOptions, log: app.log })
  const engine = Manager.engineOf(manager)
  // First, for what follows may be refused.
  app.addHook('onClose', () => manager.close())
  claimCookie(app, engine.settings)
  app.decorate(names.instance, manager)
  addSession(app, engine, names.request, errorReply)
}

/** Two managers with one cookie would undo each other's work; with one store each takes the other's tokens for its own. */
function claimCookie(
  app: FastifyInstance & { [COOKIES]?: ReadonlyMap<string, SessionStore> },
  { cookie, store }: Engine['settings'],
): void {
  const { name } = cookie
  const taken = app[COOKIES] ?? new Map<string, SessionStore>()
  if (taken.has(name)) throw new OptionError('cookie.name', `is taken: another manager of this application has the cookie ${name}`)
  const cookies = [...taken].filter(([, other]) => other === store).map(([other]) => other)
  if (cookies.length > 0)
    app.log.warn({ cookies: [...cookies, name] }, 'managers share a store, so the token of one is a token of the other')
  app[COOKIES] = new Map([...taken, [name, store]])
}

type Bearer = Record<symbol, SessionState | null>

function addSession(app: FastifyInstance, engine: Engine, name: string, errorReply: ErrorReply): void {
  const off = engine.refusing(() => new OffError())
  const notLoaded = engine.refusing(() => new NotLoadedError())
  const key = Symbol(`fastify-scs.${name}`)
  const stateOf = (request: object): SessionState | null => (request as Bearer)[key] ?? null

  app.decorateRequest(key, null)
  app.decorateRequest(name, {
    getter(this: FastifyRequest) {
      return engine.session(stateOf(this) ?? notLoaded) as unknown as ScsSession
    },
  })

  app.addHook('onRequest', (request, reply, done) => {
    const setting = request.routeOptions.config?.session
    const state = setting === false ? off : engine.begin(reply, request.log, setting?.touch !== false)
    ;(request as unknown as Bearer)[key] = state
    const loading = state === off ? undefined : engine.load(state, request.raw.headers.cookie)
    if (loading === undefined) done()
    return loading
  })

  // Whether the failure counts shows when the reply's status is known.
  app.addHook('onError', (request, _reply, _error, done) => {
    const state = stateOf(request)
    if (state !== null) state.threw = true
    done()
  })

  app.addHook('onSend', (request, reply, payload, done) => {
    const state = stateOf(request) ?? (request.routeOptions.config?.session === false ? off : notLoaded)
    if (state !== off) addVary(reply)
    // The handler went on after its commit(), and may have said something of caching.
    if (state.sentCookie !== undefined) keepPrivate(reply)
    // A handler that sends without returning, and then returns or throws, makes Fastify run this twice at the same time.
    const isSecond = isLater(state.outcome)
    const outcome = engine.conclude(state, reply.statusCode, request.method)
    if (outcome === undefined) {
      done(null, mend(payload, state))
      return undefined
    }
    if (isLater(outcome)) return isSecond && payload === undefined ? never() : sendLater(outcome, state, request, reply, payload)
    done(null, fail(outcome, request, reply, payload))
    return undefined
  })

  /** Apart from the hook: a closure there would cost those who need not wait. */
  function sendLater(
    outcome: PromiseLike<Failure | undefined>,
    state: SessionState,
    request: FastifyRequest,
    reply: FastifyReply,
    payload: unknown,
  ): PromiseLike<unknown> {
    const sent = (failure: Failure | undefined) => (failure === undefined ? mend(payload, state) : fail(failure, request, reply, payload))
    return outcome.then(onlyRun(state, payload, sent))
  }

  function fail(failure: Failure, request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
    request.log.error({ err: failure }, 'the session could not be saved, so the reply was replaced')
    return replaceReply(reply, payload, failure, (error) => errorReply(error, request))
  }
}

/** A session with types and options of its own, which needs no augmentation: see {@link defineSession}. */
export interface DefinedSession<D> {
  /** To be registered; further options complete those given. */
  readonly plugin: FastifyPluginAsync<ScsOptions>
  /** The session of a request. */
  of(request: FastifyRequest): ScsSession<D>
  /** The sessions of an application. */
  manager(app: FastifyInstance): SessionManager<D>
}

/**
 * Defines a session with its type, for an application with several, or one that augments no module:
 * `const admin = defineSession<Static<typeof AdminSchema>>({ schema: AdminSchema, decorators: { request: 'adminSession', … }, cookie: { name: … } })`,
 * then `app.register(admin.plugin)` and `admin.of(request).get('role')`.
 */
export function defineSession<D>(options: ScsOptions = {}): DefinedSession<D> {
  const { request = 'session', instance = 'sessions' } = options.decorators ?? {}
  const plugin: FastifyPluginAsync<ScsOptions> = (app, more) => register.call(app, app, { ...options, ...more })
  return {
    plugin: fp(plugin, META),
    of: (from) => from.getDecorator<ScsSession<D>>(request),
    manager: (app) => app.getDecorator<SessionManager<D>>(instance),
  }
}

const META = { fastify: '5.x', name: 'fastify-scs' }

/** The plugin: `await app.register(scsSession, options)`, then `request.session` and `app.sessions`. */
const scsSession: FastifyPluginAsync<ScsOptions> = fp(register, META)
export default scsSession
export { JsonCodec } from './lib/codec.ts'
export type { ScsErrorCode } from './lib/errors.ts'
export type { Failure } from './lib/failure.ts'
export type { CreatedSession, ListedSession, Owner } from './lib/manager.ts'
export type { ErrorPayload } from './lib/reply.ts'
export { MemoryStore, type MemoryStoreOptions } from './stores/memory.ts'
export type * from './types/codec.ts'
export type * from './types/options.ts'
export type * from './types/session.ts'
export type * from './types/store.ts'
