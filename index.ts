import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Failure } from './lib/errors.ts'
import { AssignError, NotLoadedError, OffError, OptionError } from './lib/errors.ts'
import { errorShape, replaceReply } from './lib/http/reply.ts'
import type { Lifecycle } from './lib/lifecycle.ts'
import { SessionManager as Manager } from './lib/manager.ts'
import { readOptions } from './lib/options/checks.ts'
import { checkRouteSession, splitOptions } from './lib/options/plugin.ts'
import { ReplySender } from './lib/reply-sender.ts'
import { isPromise } from './lib/store/maybe-promise.ts'
import type { UnitOfWork } from './lib/unit-of-work.ts'
import { MemoryStore } from './stores/memory.ts'
import type { DecoratorNames, ManagerOptions } from './types/options.ts'
import type { ScsSession, SessionData } from './types/session.ts'
import type { SessionStore } from './types/store.ts'

/** The options of the plugin: a manager's, and what only a plugin has. */
export interface ScsOptions extends Omit<ManagerOptions, 'log'> {
  /**
   * What a reply says when its session could not be saved (SCS's ErrorFunc): returns the payload or a promise of it, or sends it. Default: Fastify's
   * error shape, as for a payload that is none. `(error, request, reply) => request.server.errorHandler(error, request, reply)` has the
   * application's error handler say it.
   */
  readonly errorReply?: (error: Failure, request: FastifyRequest, reply: FastifyReply) => unknown
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

/** Server-side sessions: loaded in `onRequest`, saved in `onSend`. */
const register: FastifyPluginAsync<ScsOptions> = async (app, options) => {
  const { manager: managerOptions, errorReply = errorShape, names } = splitOptions<ScsOptions, ErrorReply>(options)
  const manager = new SessionManager({ ...managerOptions, log: app.log })
  const lifecycle = Manager.lifecycleOf(manager)
  // First, for what follows may be refused.
  app.addHook('onClose', () => manager.close())
  claimCookie(app, lifecycle.settings)
  app.decorate(names.instance, manager)
  addSession(app, lifecycle, names.request, errorReply)
}

/** The contexts of each server that have a manager, with its cookie and store. */
const claims = new WeakMap<object, readonly { readonly app: object; readonly name: string; readonly store: SessionStore }[]>()

/** Two managers with one cookie would undo each other's work; with one store each takes the other's tokens for its own. */
function claimCookie(app: FastifyInstance, { cookie, store }: Lifecycle['settings']): void {
  const { name } = cookie
  const all = claims.get(app.server) ?? []
  // A context inherits from the one that it was made in.
  const near = all.filter(
    (each) => each.app === app || Object.prototype.isPrototypeOf.call(each.app, app) || Object.prototype.isPrototypeOf.call(app, each.app),
  )
  if (near.some((each) => each.name === name))
    throw new OptionError('cookie.name', `is taken: another manager of this application has the cookie ${name}`)
  const cookies = near.filter((each) => each.store === store).map((each) => each.name)
  if (cookies.length > 0)
    app.log.warn({ cookies: [...cookies, name] }, 'managers share a store, so the token of one is a token of the other')
  claims.set(app.server, [...all, { app, name, store }])
}

type Bearer = Record<symbol, UnitOfWork | null>

function addSession(app: FastifyInstance, lifecycle: Lifecycle, name: string, errorReply: ErrorReply): void {
  const off = lifecycle.refusing(() => new OffError())
  const notLoaded = lifecycle.refusing(() => new NotLoadedError())
  const sender = new ReplySender<FastifyRequest, FastifyReply>(lifecycle, (request, reply, meant, failure) => {
    request.log[failure.statusCode < 500 ? 'info' : 'error']({ err: failure }, 'the session could not be saved, so the reply was replaced')
    return replaceReply(reply, meant, failure, (error, stand) => errorReply(error, request, stand))
  })
  const key = Symbol(`fastify-scs.${name}`)
  const workOf = (request: object): UnitOfWork | null => (request as Bearer)[key] ?? null

  app.decorateRequest(key, null)
  app.decorateRequest(name, {
    getter(this: FastifyRequest) {
      return lifecycle.session(workOf(this) ?? notLoaded) as unknown as ScsSession
    },
    setter() {
      throw new AssignError(`request.${name}`, `await request.${name}.destroy() to end it`)
    },
  })

  app.addHook('onRoute', ({ config, method, url }) => checkRouteSession(config?.session, `${[method].flat().join(', ')} ${url}`))

  app.addHook('onRequest', (request, reply, done) => {
    const setting = request.routeOptions.config?.session
    const work = setting === false ? off : lifecycle.begin(reply, request.log, setting?.touch !== false)
    ;(request as unknown as Bearer)[key] = work
    const loading = work === off ? undefined : lifecycle.load(work, request.raw.headers)
    if (loading === undefined) done()
    return loading
  })

  app.addHook('onError', (request, _reply, _error, done) => {
    const work = workOf(request)
    if (work !== null) work.exchange.errors++
    done()
  })

  app.addHook('onSend', (request, reply, payload, done) => {
    const work = workOf(request)
    if (work === off || (work === null && request.routeOptions.config?.session === false)) {
      done()
      return undefined
    }
    lifecycle.addVary(reply)
    // The handler went on after its commit(), and may have said something of caching.
    work?.exchange.keepPrivate()
    const sent = sender.send(work ?? notLoaded, request, reply, payload)
    if (isPromise(sent)) return sent
    done(null, sent)
    return undefined
  })
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
    of: (from) => decorated(from, request) as ScsSession<D>,
    manager: (app) => decorated(app, instance) as SessionManager<D>,
  }
}

/** Fastify before 5.3 has no `getDecorator`. */
function decorated(bearer: object, name: string): unknown {
  if (!(name in bearer)) throw new NotLoadedError()
  return Reflect.get(bearer, name)
}

const META = { fastify: '5.x', name: 'fastify-scs' }

/** The plugin: `await app.register(scsSession, options)`, then `request.session` and `app.sessions`. */
const scsSession: FastifyPluginAsync<ScsOptions> = fp(register, META)
export default scsSession
export { JsonCodec } from './lib/data/codec.ts'
export type { Failure, ScsErrorCode } from './lib/errors.ts'
export type { ErrorPayload } from './lib/http/reply.ts'
export { MemoryStore, type MemoryStoreOptions } from './stores/memory.ts'
export type * from './types/codec.ts'
export type * from './types/manager.ts'
export type * from './types/options.ts'
export type * from './types/session.ts'
export type * from './types/store.ts'
