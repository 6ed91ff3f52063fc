import { setTimeout as sleep } from 'node:timers/promises'
import type { StoreLack, StoreLogger } from '../../types/store.ts'
import type { SqlDialect, SqlVerb } from './dialect.ts'
import type { SqlResult, SqlValues } from './statement.ts'

const MINUTE = 60_000
/** How often a statement is sent at most, when the database aborts it in favour of another. */
const MAX_TRIES = 20
const MAX_PAUSE = 64
/** What shows, when it succeeds, that the owner column is there. */
const NAMES_OWNER: ReadonlySet<SqlVerb> = new Set(['find', 'create', 'update', 'rename', 'renameWithTrace', 'holds', 'all', 'load'])
/** What makes no sense without the column. */
const NEEDS_OWNER: ReadonlySet<SqlVerb> = new Set(['ownedKeys', 'deleteOwnedBy'])

const NO_OWNER =
  'the table has no owner column, so whose a session is cannot be kept: migrate() adds it, and the option owner: false says that it is meant so'

/** Sends the statements of a store: again where that mends what went wrong, and without the owner column where the table has none. */
export class SqlSender {
  readonly #dialect: SqlDialect
  readonly #wantsOwner: boolean
  /** When the owner column was last found missing. */
  #ownerMissed: number | undefined
  readonly #warned = new Set<string>()
  #log: StoreLogger | undefined

  constructor(dialect: SqlDialect, wantsOwner: boolean) {
    this.#dialect = dialect
    this.#wantsOwner = wantsOwner
  }

  get lacks(): readonly StoreLack[] {
    return this.#wantsOwner && this.#ownerMissed === undefined ? [] : ['owner']
  }

  attach(log: StoreLogger): void {
    this.#log = log
    if (this.#dialect.warning !== undefined) this.#warnOnce(this.#dialect.warning)
  }

  ownerFound(): void {
    this.#ownerMissed = undefined
  }

  /** Sends the statement of a verb. `until` is a minute from now when nobody says how long they wait: for a listing, a count or a clean-up. */
  run(verb: SqlVerb, values: SqlValues, until = Date.now() + MINUTE): Promise<SqlResult> {
    return repeated(
      () => this.#send(verb, values, until),
      (error) => this.#dialect.isPassing(error),
      until,
    )
  }

  async #send(verb: SqlVerb, values: SqlValues, until: number): Promise<SqlResult> {
    const isNeeded = NEEDS_OWNER.has(verb)
    if (this.#wantsOwner && (isNeeded || this.#namesOwner())) {
      try {
        const result = await this.#dialect.run(verb, true, values, until)
        if (isNeeded || NAMES_OWNER.has(verb)) this.ownerFound()
        return result
      } catch (error) {
        if (!this.#dialect.isNoColumn(error)) throw error
      }
      this.#ownerMissed = Date.now()
      this.#warnOnce(NO_OWNER)
    }
    if (isNeeded) throw new Error(`${this.#dialect.name}: ${NO_OWNER}`)
    return this.#dialect.run(verb, false, values, until)
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
    this.#log.warn({ store: this.#dialect.name }, message)
  }
}

/** Does a work again while it throws what a repetition mends, a deadlock say: until `until`, and at most 20 times. */
function repeated<T>(work: () => Promise<T>, mends: (error: unknown) => boolean, until: number, tries = 1): Promise<T> {
  return work().catch(async (error: unknown) => {
    if (!mends(error) || tries === MAX_TRIES || Date.now() >= until) throw error
    // At random: two that met once are not to meet again.
    await sleep(Math.random() * Math.min(MAX_PAUSE, 2 ** tries))
    return repeated(work, mends, until, tries + 1)
  })
}
