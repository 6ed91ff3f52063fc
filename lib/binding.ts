import type { ScsSession } from '../types/session.ts'
import type { Adopt } from './adoption.ts'
import { AssignError, NotLoadedError, OffError } from './errors.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { RequestHeaders } from './load.ts'
import type { UnitOfWork } from './unit-of-work.ts'

type Bearer = Record<symbol, UnitOfWork | null>

/** What is needed of a request to load its session; Fastify's is one. */
interface LoadingRequest {
  readonly raw: { readonly headers: RequestHeaders }
}

/** How a property of requests is declared. */
interface Property {
  getter(this: object): ScsSession
  setter(): never
}

/** Ties units of work to requests, and shows the session of each as a property of the request. */
export class RequestBinding {
  /** The hidden property of a request that holds its unit of work; null until `onRequest`. */
  readonly key: symbol
  /** The session as a property of the request, for example `request.session`. */
  readonly property: Property
  /** Stands for the session on a route that turns it off. */
  readonly off: UnitOfWork
  /** Stands for the session of a request whose `onRequest` did not run yet. */
  readonly notLoaded: UnitOfWork
  readonly #lifecycle: Lifecycle
  readonly #adopt: Adopt | undefined

  constructor(lifecycle: Lifecycle, name: string, adopt: Adopt | undefined) {
    const binding = this
    this.#lifecycle = lifecycle
    this.#adopt = adopt
    this.key = Symbol(`fastify-scs.${name}`)
    this.off = lifecycle.refusing(() => new OffError())
    this.notLoaded = lifecycle.refusing(() => new NotLoadedError())
    this.property = {
      getter() {
        return lifecycle.session(binding.workOf(this) ?? binding.notLoaded) as unknown as ScsSession
      },
      setter() {
        throw new AssignError(`request.${name}`, `await request.${name}.destroy() to end it`)
      },
    }
  }

  /** Ties a unit of work to its request, and loads the session. Undefined when that is done at once. */
  load(work: UnitOfWork, request: object & LoadingRequest): Promise<void> | undefined {
    ;(request as object as Bearer)[this.key] = work
    if (work === this.off) return undefined
    const loading = this.#lifecycle.load(work, request.raw.headers)
    return this.#adopt === undefined ? loading : this.#lifecycle.adopt(work, loading, this.#adopt, request)
  }

  workOf(request: object): UnitOfWork | null {
    return (request as Bearer)[this.key] ?? null
  }
}

/** What the plugin added to a request or an application. Throws `FST_ERR_SCS_NOT_LOADED` when it is not registered there. */
export function decorated(bearer: object, name: string): unknown {
  // Fastify before 5.3 has no `getDecorator`.
  if (!(name in bearer)) throw new NotLoadedError()
  return Reflect.get(bearer, name)
}
