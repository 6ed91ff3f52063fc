import { inspect, isDeepStrictEqual } from 'node:util'
import type { PropertyCallback, PropertySession } from '../types/property.ts'
import type { ScsSession } from '../types/session.ts'
import { thawed } from './data/readonly.ts'
import { sameValue } from './data/values.ts'
import { ArgumentError, AssignError } from './errors.ts'
import { cookieOf } from './property-cookie.ts'
import { Session } from './session.ts'
import { watch } from './session-values.ts'
import { mayBeForgotten } from './store/maybe-promise.ts'
import type { UnitOfWork } from './unit-of-work.ts'

const views = new WeakMap<object, View>()

/**
 * Shows a session as express-session does, for libraries that write properties and call back. The same session returns the same view, until
 * a `regenerate` of the view: then the next call returns a new one, and the old one keeps the values of before, as passport's
 * `keepSessionInfo` needs. So put it where such a library looks as a getter, not as a value.
 *
 * A value may be changed in place: what the view hands out is a copy, which is compared and written back by `save()`, `commit()` and the
 * reply. Such a change cannot be made again on what another request saved, as one of `update` can: of two concurrent requests the later
 * one wins the whole key. It gives way to what was written under its key in any other way since; until it is written back, the session
 * itself does not show it.
 *
 * To assign undefined removes, as JSON does to express-session. `cookie` and `id` are no keys of the view, and neither is what a session
 * holds under the name of a method. Values that a session cannot hold are refused as by `put`. Throws `FST_ERR_SCS_ARGUMENT`.
 */
export function propertyView<D>(session: ScsSession<D>): PropertySession {
  const work = Session.workOf(session)
  if (work === undefined) throw new ArgumentError('propertyView(session)', 'needs a session of this plugin, such as request.session')
  // Units of work that refuse every use are shared by requests.
  if (work.refusal !== undefined) throw work.refusal()
  const before = views.get(session)
  if (before?.giveWay() === false) return before.proxy
  const view = new View(session as unknown as ScsSession<Values>, work)
  views.set(session, view)
  work.lateEdits = () => view.writeBack()
  watch(work)
  return view.proxy
}

type Values = Record<string, unknown>

/** A value that was handed out or assigned, which may be changed in place, and what the session held then. */
interface Copy {
  readonly copy: unknown
  readonly seen: unknown
}

/** The handler of a view's Proxy. */
class View implements ProxyHandler<object> {
  readonly #session: ScsSession<Values>
  readonly #work: UnitOfWork
  readonly #copies = new Map<string, Copy>()
  readonly #own: Values
  readonly proxy: PropertySession
  /** The values before `regenerate`, which this view shows once there is another. */
  #former: Values | undefined = undefined
  #isFormer = false

  constructor(session: ScsSession<Values>, work: UnitOfWork) {
    this.#session = session
    this.#work = work
    this.#own = this.#calls()
    // A log shows what it would show of the session.
    const target = Object.defineProperty({}, inspect.custom, { value: () => inspect(session), configurable: true })
    this.proxy = new Proxy(target, this) as PropertySession
  }

  /** The properties that are not values. */
  #calls(): Values {
    const session = this.#session
    const touch = () => this.proxy
    const calls = {
      save: (callback?: PropertyCallback) => this.#call(callback, () => session.commit()),
      regenerate: (callback?: PropertyCallback) => this.#call(callback, () => this.#regenerate()),
      destroy: (callback?: PropertyCallback) => this.#call(callback, () => this.#destroy()),
      reload: (callback?: PropertyCallback) => this.#call(callback, () => this.#reload()),
      ...{ touch, resetMaxAge: touch },
    }
    const get = () => cookieOf(this.#work)
    return Object.defineProperties(Object.assign(Object.create(null), calls), { cookie: { get }, id: { get: () => session.id } })
  }

  #call(callback: PropertyCallback | undefined, call: () => Promise<unknown>): PropertySession {
    if (callback === undefined) call()
    else if (typeof callback === 'function') mayBeForgotten(call).then(() => callback(), callback)
    else throw new ArgumentError('The callback', 'must be a function')
    return this.proxy
  }

  #regenerate(): Promise<void> {
    this.writeBack()
    const former = { ...this.proxy }
    const done = this.#session.regenerate()
    this.#former = former
    return done
  }

  #destroy(): Promise<void> {
    this.#copies.clear()
    return this.#session.destroy()
  }

  #reload(): Promise<void> {
    this.writeBack()
    return this.#session.reload()
  }

  /** Whether another view takes the place of this one. */
  giveWay(): boolean {
    this.#isFormer = this.#former !== undefined
    return this.#isFormer
  }

  /** Writes what was changed in place to the session. */
  writeBack(): void {
    for (const [key, { copy, seen }] of this.#copies) {
      if (!sameValue(this.#session.get(key), seen)) this.#copies.delete(key)
      else if (!sameValue(copy, seen)) this.#write(key, copy)
    }
  }

  #read(key: string): unknown {
    if (key in this.#own) return undefined
    if (this.#isFormer) return Object.getOwnPropertyDescriptor(this.#former, key)?.value
    const seen = this.#session.get(key)
    if (typeof seen !== 'object' || seen === null) return seen
    const before = this.#copies.get(key)
    if (before !== undefined && sameValue(seen, before.seen)) return before.copy
    const copy = thawed(seen)
    this.#copies.set(key, { copy, seen })
    return copy
  }

  #write(key: string, value: unknown): void {
    if (key in this.#own) throw new AssignError(`session.${key}`, 'session.put() with another key')
    if (this.#isFormer) throw new AssignError(`session.${key}`, 'propertyView() again: this view shows the session before regenerate()')
    // A value put would be frozen, and whoever assigned it may go on changing it.
    this.#session.set(key, copyOf(value))
    this.#copies.set(key, { copy: value, seen: this.#session.get(key) })
  }

  get(target: object, key: string | symbol): unknown {
    if (typeof key === 'symbol') return Reflect.get(target, key)
    const value = this.#own[key] ?? this.#read(key)
    return value === undefined ? Reflect.get(target, key) : value
  }

  has(target: object, key: string | symbol): boolean {
    return Reflect.has(target, key) || (typeof key === 'string' && (key in this.#own || this.#read(key) !== undefined))
  }

  ownKeys(): string[] {
    const keys = this.#isFormer ? Object.keys(this.#former as Values) : this.#session.keys()
    return keys.filter((key) => !(key in this.#own))
  }

  getOwnPropertyDescriptor(_target: object, key: string | symbol): PropertyDescriptor | undefined {
    const value = typeof key === 'string' ? this.#read(key) : undefined
    return value === undefined ? undefined : { value, writable: true, enumerable: true, configurable: true }
  }

  set(_target: object, key: string | symbol, value: unknown): true {
    // For a symbol `set` of the session throws that it is no key.
    this.#write(key as string, value)
    return true
  }

  deleteProperty(_target: object, key: string | symbol): true {
    this.#write(key as string, undefined)
    return true
  }

  /** A value is assigned; for anything else, as a getter, `Object.defineProperty` throws. */
  defineProperty(target: object, key: string | symbol, descriptor: PropertyDescriptor): boolean {
    return 'value' in descriptor && descriptor.configurable !== false && this.set(target, key, descriptor.value)
  }

  preventExtensions(): false {
    return false
  }
}

/** A copy for `put` to freeze; the value itself where a copy would not be the same, for `put` to refuse. */
function copyOf(value: unknown): unknown {
  try {
    const copy = thawed(value)
    return isDeepStrictEqual(copy, value) ? copy : value
  } catch {
    return value
  }
}
