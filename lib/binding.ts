import type { ScsSession } from '../types/session.ts'
import { AssignError, NotLoadedError, OffError } from './errors.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { UnitOfWork } from './unit-of-work.ts'

type Bearer = Record<symbol, UnitOfWork | null>

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

  constructor(lifecycle: Lifecycle, name: string) {
    const binding = this
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

  bind(request: object, work: UnitOfWork): void {
    ;(request as Bearer)[this.key] = work
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
