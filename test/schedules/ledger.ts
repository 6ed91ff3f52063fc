import type { Step } from './gated-store.ts'
import { type Operation, OWNER, type Values } from './operations.ts'
import { valuesIn } from './payloads.ts'

/** How long a renewal leaves a trace. */
const TRACE_MS = 60_000

/** The default of `storeTimeout`. */
const BUDGET_MS = 5000

/** A session as it has to be. */
export interface Live {
  readonly values: Values
  readonly expiresAt: number
  /** The key it had at first: renewals keep it. */
  readonly root: string
}

/** What is known of a request from its steps alone. */
export interface Account {
  readonly operation: Operation
  /** The session's content when the request loaded it; undefined: it loaded none. */
  loaded?: Values | undefined
  /** The key of the token that it came with; '' without one. */
  readonly key: string
  looked: boolean
  /** What a second session held when the request took it over. */
  other?: Values
  otherKey?: string
  /** Whether the session that it came with was alive at its last step. */
  alive: boolean
  /** Whether a trace of it lived then, and who was renewed before. */
  traced: boolean
  /** Each save that worked, with the key it was saved under. */
  readonly saved: string[]
  /** The key of a new or renewed session of its own. */
  newKey?: string
  died: boolean
  /** Whether one of its calls met a broken connection. */
  failed: boolean
  /** Whether its edits would have changed nothing any more when it looked what became of a call that failed. */
  idle: boolean
  /** When its last call worked, and whether the clock jumped over the time that a request has for its save. */
  seen?: number
  slow: boolean
}

/**
 * What the store must hold, told from the order of the calls that worked and from what their requests do: the whole of each save is what was
 * there before with this request's edits. Nothing is taken from the payloads that were written.
 */
export class Ledger {
  readonly sessions = new Map<string, Live>()
  /** The traces of renewals: the key they are under, and until when. */
  readonly traces = new Map<string, { readonly of: string; readonly until: number }>()
  readonly accounts: ReadonlyMap<string, Account>
  readonly complaints: string[] = []
  /** Whether a renewal took longer than a request has, so that its trace may have ended before it was there. */
  late = false
  /** The roots of the sessions that had to end with all of an owner's. */
  readonly doomed = new Set<string>()
  readonly #roots = new Map<string, string>()
  /** The roots of an owner's sessions, before each step. */
  readonly #owned: ReadonlySet<string>[] = []

  constructor(start: ReadonlyMap<string, Live>, requests: ReadonlyMap<string, { operation: Operation; key: string }>) {
    for (const [key, live] of start) this.#put(key, live)
    this.accounts = new Map(
      [...requests].map(([name, request]) => [
        name,
        { ...request, looked: false, alive: false, traced: false, saved: [], died: false, failed: false, idle: false, slow: false },
      ]),
    )
  }

  /** The root of a session that is or was under a key. */
  rootOf(key: string): string {
    return this.#roots.get(key) ?? key
  }

  follow(step: Step): void {
    this.expire(step.now)
    this.#owned.push(this.#ownedRoots())
    const account = this.accounts.get(step.actor)
    if (account === undefined) {
      this.complaints.push(`a call of nobody: ${step.verb}`)
      return
    }
    if (step.fate === 'lose' || step.fate === 'drop') account.died = true
    if (step.fate === 'refuse' || step.fate === 'break') account.failed = true
    if (step.now - (account.seen ?? step.now) >= BUDGET_MS) account.slow = true
    account.seen = step.now
    if (step.fate === 'drop' || step.fate === 'refuse') return
    if (step.verb === 'find') this.#found(step, account)
    else if (step.done) this.#changed(step, account)
    const live = this.sessions.get(account.key)
    account.alive = live !== undefined
    if (account.failed && live !== undefined && same(this.#edited(step.actor, account, live.values), live.values)) account.idle = true
    account.traced = [...this.traces.values()].some(({ of }) => of === account.key)
  }

  /** Forgets what is over at a moment. */
  expire(now: number): void {
    for (const [key, { expiresAt }] of this.sessions) if (expiresAt <= now) this.sessions.delete(key)
    for (const [key, { until }] of this.traces) if (until <= now) this.traces.delete(key)
  }

  #put(key: string, live: Live): void {
    this.sessions.set(key, live)
    this.#roots.set(key, live.root)
  }

  #ownedRoots(): Set<string> {
    return new Set([...this.sessions.values()].filter(({ values }) => values['user'] === OWNER).map(({ root }) => root))
  }

  #found({ actor, key, found }: Step, account: Account): void {
    const live = this.sessions.get(key)
    if (key === account.key && !account.looked) {
      account.looked = true
      account.loaded = live?.values
    }
    if (key !== account.key && live !== undefined) Object.assign(account, { other: live.values, otherKey: key })
    if (this.traces.has(key)) return
    if ((found === undefined) !== (live === undefined)) this.complaints.push(`${actor} found ${found ? 'a dead' : 'no'} session`)
    else if (found !== undefined && !same(valuesIn(found), live?.values))
      this.complaints.push(`${actor} found other values than those saved`)
  }

  #changed(step: Step, account: Account): void {
    const { actor, verb, key, newKey = '', expiresAt = 0 } = step
    const live = this.sessions.get(key)
    const edited = (values: Values) => this.#edited(actor, account, values)
    if (verb === 'create') this.#saved(account, key, { values: edited({}), expiresAt, root: key }, true)
    else if (verb === 'deleteOwnedBy') this.#endOwned(step)
    else if (verb === 'delete' && this.traces.has(key)) this.traces.delete(key)
    else if (live === undefined) this.complaints.push(`${verb} of ${actor} changed a session that was dead`)
    else if (verb === 'delete') this.sessions.delete(key)
    else if (verb === 'touch') this.#put(key, { ...live, expiresAt: Math.max(expiresAt, live.expiresAt) })
    else if (verb === 'update') this.#saved(account, key, { ...live, values: edited(live.values), expiresAt }, false)
    else if (verb === 'rename') {
      this.sessions.delete(key)
      this.#saved(account, newKey, { ...live, values: edited(live.values), expiresAt }, true)
      if (account.slow) this.late = true
      this.#trace(step, account)
    }
  }

  /** A renewal that took longer than a request has may leave a trace that is over before it is there. */
  #trace({ actor, key, trace, now }: Step, { slow }: Account): void {
    if (trace === undefined || (!slow && trace.until <= now + TRACE_MS - BUDGET_MS))
      this.complaints.push(`${actor} leaves no trace for a minute`)
    else this.traces.set(trace.key, { of: key, until: trace.until })
  }

  #edited(actor: string, { operation, other }: Account, values: Values): Values {
    return operation.edit?.(values, actor, other) ?? values
  }

  #saved(account: Account, key: string, live: Live, isNew: boolean): void {
    account.saved.push(key)
    if (isNew) account.newKey = key
    this.#put(key, live)
  }

  #endOwned({ newKey, calledAt }: Step): void {
    const before = this.#owned[calledAt] ?? new Set()
    for (const [key, { values, root }] of this.sessions) {
      if (values['user'] !== OWNER || key === newKey) continue
      if (before.has(root)) this.doomed.add(root)
      this.sessions.delete(key)
    }
  }
}

/** Whether two sets of plain values are equal. */
export function same(a: Values, b: Values | undefined): boolean {
  if (b === undefined || Object.keys(a).length !== Object.keys(b).length) return false
  return Object.entries(a).every(([key, value]) => Object.hasOwn(b, key) && b[key] === value)
}
