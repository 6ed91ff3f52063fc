import type { Answer } from '../types/store.ts'
import type { Committer } from './commit.ts'
import type { Draft } from './data/draft.ts'
import { COOKIE_DUE } from './data/record.ts'
import { committing, lives, watched } from './diagnostics.ts'
import { TooLateError } from './errors.ts'
import { type CookieChange, CookieSender, type Exchange } from './exchange.ts'
import { factsOf } from './facts.ts'
import { type Plan, plan, type Task } from './plan.ts'
import type { Settings } from './settings.ts'
import { chain } from './store/maybe-promise.ts'
import type { UnitOfWork } from './unit-of-work.ts'

/** Plans what is to be done about a session, has it carried out, and puts the cookie on the reply. */
export class Saver {
  readonly #settings: Settings
  readonly #committer: Committer
  readonly #cookies: CookieSender
  /** Whether a stored session may have to be prolonged, or its owner written, though nothing has changed. */
  readonly #refreshes: boolean

  constructor(settings: Settings, committer: Committer) {
    this.#settings = settings
    this.#committer = committer
    this.#cookies = new CookieSender(settings)
    this.#refreshes = settings.longestIdle !== undefined || settings.owner !== undefined
  }

  /** Saves what there is to save. Returns the cookie that it put on the reply. */
  async save(work: UnitOfWork, draft: Draft | undefined): Promise<string | undefined> {
    const task = this.taskFor(work, draft)
    const cookie = task === undefined ? undefined : await this.carryOut(work, draft, task)
    if (work.oldSession?.isPending) await work.oldSession.settle()
    return cookie
  }

  /** What there is to do; undefined for nothing. */
  taskFor(work: UnitOfWork, draft: Draft | undefined): Task | undefined {
    if (draft === undefined && this.#isQuiet(work)) return undefined
    const task = this.#plan(work, draft)
    return task.step === 'nothing' || task.step === 'read' ? undefined : task
  }

  /** Whether there is nothing to do for a request that changed nothing, as for most: its plan need not be made. */
  #isQuiet({ state, exchange }: UnitOfWork): boolean {
    if (state.kind === 'none' || state.kind === 'unknown') return true
    if (state.kind !== 'stored' || this.#refreshes || exchange.template !== undefined) return false
    return state.content === undefined || !(COOKIE_DUE in state.content.values)
  }

  #plan(work: UnitOfWork, draft: Draft | undefined): Plan {
    const now = this.#settings.clock()
    const first = plan(factsOf(work, draft, now), now)
    if (first.step !== 'read') return first
    try {
      work.read()
    } catch (err) {
      // A handler that does not need the session must not fail because its upgrade does.
      work.log.warn({ err }, 'a session could not be upgraded, so it was not touched')
      return first
    }
    return plan(factsOf(work, draft, now), now)
  }

  /** Saves, and puts the cookie on the reply. Returns the cookie. */
  carryOut(work: UnitOfWork, draft: Draft | undefined, task: Task): Answer<string | undefined> {
    const { exchange } = work
    const isNew = task.step === 'create' || task.step === 'rename'
    if (isNew) mustReach(exchange)
    // Before the save: a wrong domain must not fail what is saved already.
    const template = this.#cookies.templateFor(exchange)
    return chain(this.#commit(work, draft, task), (change) => {
      // Something else may have sent the headers meanwhile.
      if (isNew && !exchange.isClosed) mustReach(exchange)
      return this.#cookies.send(exchange, template, change)
    })
  }

  #commit(work: UnitOfWork, draft: Draft | undefined, task: Task): Answer<CookieChange> {
    if (!committing.hasSubscribers && !lives.hasSubscribers) return this.#committer.carryOut(work, draft, task)
    return watched(work, task.step, () => this.#committer.carryOut(work, draft, task))
  }
}

/** A new token must be able to reach the client. */
function mustReach(exchange: Exchange): void {
  if (exchange.reply !== undefined && !exchange.takesCookie) throw new TooLateError()
}
