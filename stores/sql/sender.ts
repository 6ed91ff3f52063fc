import { setTimeout as sleep } from 'node:timers/promises'
import type { StoreLack, StoreLogger } from '../../types/store.ts'
import type { SqlEngine, SqlVerb } from './engine.ts'
import type { SqlResult, SqlValues } from './statement.ts'

const MINUTE = 60_000
/** So often a statement is sent at most, where the engine gives it up for the sake of another. */
const MAX_TRIES = 20
const LONGEST_PAUSE = 64
/** What shows, when it succeeds, that the owner column is there. */
const NAMES_OWNER: ReadonlySet<SqlVerb> = new Set(['find', 'create', 'update', 'rename', 'renameWithTrace', 'holds', 'all', 'load'])
/** What makes no sense without the column. */
const NEEDS_OWNER: ReadonlySet<SqlVerb> = new Set(['ownedKeys', 'deleteOwnedBy'])

const NO_OWNER =
  'the table has no owner column, so whose a session is cannot be kept: migrate() adds it, and the option owner: false says that it is meant so'

/** Sends the statements of a store: again where that mends what went wrong, and without the owner column where the table has none. */
export class SqlSender {
  readonly #engine: SqlEngine
  readonly #wantsOwner: boolean
  /** When the owner column was last found missing. */
  #ownerMissed: number | undefined
  readonly #warned = new Set<string>()
  #log: StoreLogger | undefined

  constructor(engine: SqlEngine, wantsOwner: boolean) {
    this.#engine = engine
    this.#wantsOwner = wantsOwner
  }

  get lacks(): readonly StoreLack[] {
    return this.#wantsOwner && this.#ownerMissed === undefined ? [] : ['owner']
  }

  attach(log: StoreLogger): void {
    this.#log = log
    if (this.#engine.warning !== undefined) this.#warnOnce(this.#engine.warning)
  }

  ownerFound(): void {
    this.#ownerMissed = undefined
  }

  /** Sends the statement of a verb. `until` is a minute from now when nobody says how long they wait: for a listing, a count or a clean-up. */
  run(verb: SqlVerb, values: SqlValues, until = Date.now() + MINUTE): Promise<SqlResult> {
    return repeated(
      () => this.#send(verb, values, until),
      (error) => this.#engine.isPassing(error),
      until,
    )
  }

  async #send(verb: SqlVerb, values: SqlValues, until: number): Promise<SqlResult> {
    const isNeeded = NEEDS_OWNER.has(verb)
    if (this.#wantsOwner && (isNeeded || this.#namesOwner())) {
      try {
        const result = await this.#engine.run(verb, true, values, until)
        if (isNeeded || NAMES_OWNER.has(verb)) this.ownerFound()
        return result
      } catch (error) {
        if (!this.#engine.isNoColumn(error)) throw error
      }
      this.#ownerMissed = Date.now()
      this.#warnOnce(NO_OWNER)
    }
    if (isNeeded) throw new Error(`${this.#engine.name}: ${NO_OWNER}`)
    return this.#engine.run(verb, false, values, until)
  }

  /** Somebody may add the column at any time: where it was missing one statement a minute names it all the same. */
  #namesOwner(): boolean {
    if (this.#ownerMissed === undefined) return true
    if (Date.now() - this.#ownerMissed < MINUTE) return false
    this.#ownerMissed = Date.now()
    return true
  }

  #warnOnce(message: string): void {
    if (this.#log === undefined || this.#warned.has(message)) return
    this.#warned.add(message)
    this.#log.warn({ store: this.#engine.name }, message)
  }
}

/** Does a work again while it throws what a repetition mends, a deadlock say: until `until`, and at most 20 times. */
function repeated<T>(work: () => Promise<T>, mends: (error: unknown) => boolean, until: number, tries = 1): Promise<T> {
  return work().catch(async (error: unknown) => {
    if (!mends(error) || tries === MAX_TRIES || Date.now() >= until) throw error
    // At random: two that met once are not to meet again.
    await sleep(Math.random() * Math.min(LONGEST_PAUSE, 2 ** tries))
    return repeated(work, mends, until, tries + 1)
  })
}
