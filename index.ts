import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { decorated, RequestBinding } from './lib/binding.ts'
import { claimCookie } from './lib/claims.ts'
import { tellOfFrozen } from './lib/habits.ts'
import type { Lifecycle } from './lib/lifecycle.ts'
import { SessionManager as Manager } from './lib/manager.ts'
import { readOptions } from './lib/options/checks.ts'
import { checkRouteSession, splitOptions } from './lib/options/plugin.ts'
import { ReplySender } from './lib/reply-sender.ts'
import { isPromise } from './lib/store/maybe-promise.ts'
import { MemoryStore } from './stores/memory.ts'
import type { ManagerOptions, PluginOptions } from './types/options.ts'
import type { ScsSession, SessionData } from './types/session.ts'

/** The options of the plugin: those of a manager, `errorReply` and `decorators`. */
export type ScsOptions = PluginOptions<FastifyRequest, FastifyReply>

declare module 'fastify' {
  interface FastifyRequest {
    /** The session of this request. */
    readonly session: ScsSession
  }
  interface FastifyInstance {
    /** The sessions of the application, for code without a request. */
    readonly sessions: SessionManager
  }
  interface FastifyContextConfig {
    /** False: no session on this route. `{ touch: false }`: requests to it do not prolong the idle timeout, unless they log in. */
    session?: false | { readonly touch?: boolean }
  }
}

/** Sessions without a request: for jobs, tests and administration. In an application, `app.sessions` is one. */
export class SessionManager<D = SessionData> extends Manager<D> {
  /** Takes the options of the plugin except `decorators` and `errorReply`. Throws `FST_ERR_SCS_OPTION`. */
  constructor(options: ManagerOptions = {}) {
    const given = readOptions(options)
    super(given.store === undefined ? { ...given, store: new MemoryStore(given.clock ? { clock: given.clock } : {}) } : given)
  }
}

/** Server-side sessions: loaded in `onRequest`, saved in `onSend`. */
const register: FastifyPluginAsync<ScsOptions> = async (app, options) => {
  const { manager: managerOptions, adopt, errorReply, names } = splitOptions<ScsOptions>(options)
  const manager = new SessionManager({ ...managerOptions, log: app.log })
  const lifecycle = Manager.lifecycleOf(manager)
  // First, so that the manager is closed even when something below throws.
  app.addHook('onClose', () => manager.close())
  claimCookie(app, lifecycle.settings)
  app.decorate(names.instance, manager)
  const binding = new RequestBinding(lifecycle, names.request, adopt)
  app.decorateRequest(binding.key, null)
  app.decorateRequest(names.request, binding.property)
  addHooks(app, lifecycle, binding, new ReplySender(lifecycle, errorReply))
}

type Sender = ReplySender<FastifyRequest, FastifyReply>

function addHooks(app: FastifyInstance, lifecycle: Lifecycle, binding: RequestBinding, sender: Sender): void {
  app.addHook('onRoute', ({ config, method, url }) => checkRouteSession(config?.session, `${[method].flat().join(', ')} ${url}`))

  app.addHook('onRequest', (request, reply, done) => {
    const setting = request.routeOptions.config?.session
    const work = setting === false ? binding.off : lifecycle.begin(reply, request.log, setting?.touch !== false)
    const loading = binding.load(work, request)
    if (loading === undefined) done()
    return loading
  })

  app.addHook('onError', (request, _reply, error, done) => {
    tellOfFrozen(error, request.log)
    binding.workOf(request)?.exchange.countError()
    done()
  })

  app.addHook('onSend', (request, reply, payload, done) => {
    const work = binding.workOf(request)
    const isOff = work === binding.off || (work === null && request.routeOptions.config?.session === false)
    const sent = isOff ? undefined : sender.send(work ?? binding.notLoaded, request, reply, payload)
    if (isPromise(sent)) return sent
    done(null, sent)
    return undefined
  })
}

/** A session with types and options of its own, which needs no augmentation: see {@link defineSession}. */
export interface DefinedSession<D> {
  /** The plugin to register; options given then are added to these. */
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

const META = { fastify: '5.x', name: 'fastify-scs' }

/** The plugin: `await app.register(scsSession, options)`, then `request.session` and `app.sessions`. */
const scsSession: FastifyPluginAsync<ScsOptions> = fp(register, META)
export default scsSession
export * from './lib/adopt/index.ts'
export { JsonCodec } from './lib/data/codec.ts'
export { type FreshHook, type FreshSession, requireFresh } from './lib/freshness.ts'
export { propertyView } from './lib/property-view.ts'
export { MemoryStore, type MemoryStoreOptions } from './stores/memory.ts'
export type * from './types/index.ts'
