import { type Account, type Asked, type Live, open } from './account.ts'
import type { Noted } from './facts.ts'
import { BUDGET_MS, type Step, UNHEARD } from './gated-store.ts'
import { OWNER, type Values } from './operations.ts'
import { same, valuesIn } from './payloads.ts'

/** How long a renewal leaves a trace. */
const TRACE_MS = 60_000

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

  constructor(start: ReadonlyMap<string, Live>, requests: ReadonlyMap<string, Asked>) {
    for (const [key, live] of start) this.#put(key, live)
    this.accounts = new Map([...requests].map(([name, asked]) => [name, open(asked)]))
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
    else if (step.fate !== 'work') account.failed = true
    if (step.now - (account.seen ?? step.now) >= BUDGET_MS) account.slow = true
    account.seen = step.now
    if (UNHEARD.includes(step.fate)) return
    if (step.verb === 'find') this.#found(step, account)
    else if (step.done) this.#changed(step, account)
    const live = this.sessions.get(account.story?.key ?? account.key)
    account.alive = live !== undefined
    this.#compare(step, account)
    account.traced = [...this.traces.values()].some(({ of }) => of === account.key)
  }

  #compare({ actor, key }: Step, account: Account): void {
    const { failed, story } = account
    const { values } = this.sessions.get(story?.calls.keyUnderWay ?? account.key) ?? {}
    if (!failed || values === undefined || !same(this.#edited(actor, account, values), values)) return
    account.idle = true
    if (key === story?.calls.keyUnderWay) story.meets(values)
  }

  /** What a script did or saw after the last step that was followed. */
  note({ actor, fact }: Noted): void {
    const { story, traced = false, failed = false, slow = false, idle = false } = this.accounts.get(actor) ?? {}
    const lives = (key: string) => this.sessions.has(key)
    const endures = (key: string) => !slow && !this.late && [...this.sessions.values()].some(({ root }) => root === this.rootOf(key))
    this.#complain(actor, story?.follow(fact, { lives, endures, traced, failed: failed || slow, idle }))
  }

  #complain(actor: string, problems: readonly string[] = []): void {
    this.complaints.push(...problems.map((problem) => `${actor} ${problem}`))
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
      account.story?.loads(live?.values)
    }
    account.story?.reads(key, live?.values)
    if (key !== account.key && live !== undefined) Object.assign(account, { other: live.values, otherKey: key })
    if (this.traces.has(key)) return
    if ((found === undefined) !== (live === undefined)) this.complaints.push(`${actor} found ${found ? 'a dead' : 'no'} session`)
    else if (found !== undefined && !same(valuesIn(found), live?.values))
      this.complaints.push(`${actor} found other values than those saved`)
  }

  #changed(step: Step, account: Account): void {
    const { actor, verb, key, newKey = '', expiresAt = 0 } = step
    const live = this.sessions.get(key)
    if (verb === 'create') this.#saved(step, account, key, { values: {}, expiresAt, root: key })
    else if (verb === 'deleteOwnedBy') this.#endOwned(step)
    else if (verb === 'delete' && this.traces.has(key)) this.traces.delete(key)
    else if (live === undefined) this.complaints.push(`${verb} of ${actor} changed a session that was dead`)
    else if (verb === 'delete') this.#ended(step, account)
    else if (verb === 'touch') this.#put(key, { ...live, expiresAt: Math.max(expiresAt, live.expiresAt) })
    else if (verb === 'update') this.#saved(step, account, key, { ...live, expiresAt })
    else if (verb === 'rename') {
      this.sessions.delete(key)
      this.#saved(step, account, newKey, { ...live, expiresAt })
      if (account.slow) this.late = true
      this.#trace(step, account)
    }
  }

  #ended({ actor, key }: Step, { story, idle }: Account): void {
    this.sessions.delete(key)
    if (story?.mayEnd(key) === false && !idle) this.#complain(actor, ['ends a session that it was not to end, or too early'])
  }

  /** A renewal that took longer than a request has may leave a trace that is over before it is there. */
  #trace({ actor, key, trace, now }: Step, { slow }: Account): void {
    if (trace === undefined || (!slow && trace.until <= now + TRACE_MS - BUDGET_MS))
      this.complaints.push(`${actor} leaves no trace for a minute`)
    else this.traces.set(trace.key, { of: key, until: trace.until })
  }

  #edited(actor: string, { operation, other, story }: Account, values: Values): Values {
    return story?.compose(values) ?? operation.edit?.(values, actor, other) ?? values
  }

  /** A session is as it was, with the request's edits. */
  #saved({ actor, verb, data }: Step, account: Account, key: string, live: Live): void {
    const { story } = account
    const written = data === undefined ? {} : valuesIn(data)
    const values = story?.isUncertain ? written : this.#edited(actor, account, live.values)
    this.#complain(actor, story?.saves(verb, key, live.values, written))
    account.saved.push(key)
    if (verb !== 'update') account.newKey = key
    this.#put(key, { ...live, values })
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
