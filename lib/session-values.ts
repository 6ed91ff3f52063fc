import { mustBeKey, visibleKeys } from './data/admit.ts'
import { isReserved, valueAt } from './data/record.ts'
import { handOut, isEmptyObject } from './data/values.ts'
import { ArgumentError, CommittedError, ValueError } from './errors.ts'
import { refusalOf, UNSAVED, write } from './refused.ts'
import type { UnitOfWork } from './unit-of-work.ts'

/** The unit of work, where its session can be used. Throws why not. */
export function live(work: UnitOfWork): UnitOfWork {
  if (work.refusal !== undefined) throw work.refusal()
  return work
}

/** The unit of work, where its session can be changed. Throws why not. */
export function open(work: UnitOfWork): UnitOfWork {
  if (live(work).exchange.isClosed) throw new CommittedError()
  watch(work)
  return work
}

/** Logs a warning should the reply end with changes that nothing saves. */
export function watch(work: UnitOfWork): void {
  const warn = async () => {
    // A commit may be under way.
    await work.settle()
    const late = work.lateEdits && refusalOf(work.lateEdits)
    if (late !== undefined || work.isChanged) work.log.warn({}, UNSAVED)
  }
  // The handler does not know yet that its client left, and may save, or save what it notes about that.
  work.exchange.onHijackedEnd((hasLeft) => (hasLeft ? setTimeout(warn, work.settings.storeTimeout).unref() : warn()))
}

/** Whether no session is stored yet, or no longer. */
export function isNew(work: UnitOfWork): boolean {
  return work.isOver || work.read().kind !== 'stored'
}

/** Whether there will be a session without what comes now. */
function hasToSave({ unsavedDraft }: UnitOfWork): boolean {
  return unsavedDraft?.savesValues ?? false
}

/** What a session does with its values. It has no property of its own, so that no key can hide a method. */
export class SessionValues {
  readonly #work: UnitOfWork

  constructor(work: UnitOfWork) {
    this.#work = work
  }

  /** The unit of work behind a session, or undefined when it is not one of ours. */
  static workOf(session: unknown): UnitOfWork | undefined {
    return typeof session === 'object' && session !== null && #work in session ? session.#work : undefined
  }

  get(key: string, fallback?: unknown): unknown {
    const value = this.#read(key)
    return value === undefined ? fallback : value
  }

  put(key: string, value: unknown): void {
    const work = this.#writable(key)
    if (value === undefined) throw new ValueError(key, 'it is missing; session.remove(key) removes a value')
    write(work, key, value)
  }

  set(key: string, value: unknown): void {
    if (value === undefined) this.remove(key)
    // @fastify/flash sets an empty object whenever messages are read, which alone must not start a session.
    else write(this.#writable(key), key, value, !isEmptyObject(value) || !isNew(live(this.#work)) || hasToSave(this.#work))
  }

  update(key: string, fn: (value: unknown) => unknown): void {
    if (typeof fn !== 'function') throw new ArgumentError('update(key, fn)', 'needs a function (value) => value')
    this.#writable(key).draft.change(key, fn)
  }

  pop(key: string): unknown {
    const value = this.get(key)
    if (value !== undefined) this.remove(key)
    return value
  }

  remove(key: string): void {
    this.#writable(key).draft.write(key, undefined)
  }

  exists(key: string): boolean {
    return this.#read(key) !== undefined
  }

  keys(): string[] {
    return visibleKeys(live(this.#work).values)
  }

  clear(): void {
    open(this.#work).draft.clear()
  }

  data(): Record<string, unknown> {
    return Object.fromEntries(this.keys().map((key) => [key, this.get(key)]))
  }

  #read(key: string): unknown {
    const { values } = live(this.#work)
    if (typeof key !== 'string' || isReserved(key)) return undefined
    return handOut(valueAt(values, key), key)
  }

  #writable(key: string): UnitOfWork {
    mustBeKey(key)
    return open(this.#work)
  }
}
