import type { PropertyCookie } from '../types/property.ts'
import { lifetimeOf, REMEMBER } from './data/record.ts'
import { AssignError } from './errors.ts'
import type { UnitOfWork } from './unit-of-work.ts'

/** The cookie of a unit of work, as far as it is known before the reply. */
export function cookieOf(work: UnitOfWork): PropertyCookie {
  const { deadline, exchange, settings, values } = work
  const { httpOnly, sameSite, path, domain, persist } = settings.cookie
  const persists = persist || values[REMEMBER] === true
  const { secure } = settings.cookie
  const cookie: PropertyCookie = {
    maxAge: persists ? deadline - settings.clock() : null,
    originalMaxAge: persists ? lifetimeOf(settings, values) : null,
    expires: persists ? new Date(deadline) : null,
    ...{ httpOnly, sameSite, path },
    secure: secure === 'auto' ? exchange.reply?.request.protocol === 'https' : secure,
    domain: typeof domain === 'string' ? domain : undefined,
  }
  return new Proxy<PropertyCookie>(cookie, { set: refuseCookie, defineProperty: refuseCookie, deleteProperty: refuseCookie })
}

function refuseCookie(_cookie: object, name: string | symbol): never {
  throw new AssignError(`session.cookie.${String(name)}`, 'setDeadline(), rememberMe() or options() of request.session')
}
