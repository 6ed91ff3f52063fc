import { setTimeout as sleep } from 'node:timers/promises'
import type { StoreLack, StoreLogger } from '../../types/store.ts'
import { NO_OWNER_COLUMN, noTable } from '../shared/text.ts'
import type { SqlDialect, SqlVerb } from './dialect.ts'
import type { SqlResult, SqlValues } from './statement.ts'

const MINUTE = 60_000
/** How often a statement is sent at most, when the database aborts it in favour of another. */
const MAX_TRIES = 20
const MAX_PAUSE = 64
/** The statements whose success proves that the owner column exists. */
const NAMES_OWNER: ReadonlySet<SqlVerb> = new Set(['find', 'create', 'update', 'rename', 'renameWithTrace', 'holds', 'all', 'load'])
/** The statements that make no sense without the column. */
const NEEDS_OWNER: ReadonlySet<SqlVerb> = new Set(['ownedKeys', 'deleteOwnedBy'])

/** Sends the statements of a store: again after a transient error, and without the owner column where the table has none. */
export class SqlSender {
  readonly #dialect: SqlDialect
  readonly #wantsOwner: boolean
  /** When the owner column was last found missing, in epoch milliseconds. */
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

  /** Sends the statement of a verb. A listing, a count or a clean-up comes without `until`, and waits for a minute. */
  run(verb: SqlVerb, values: SqlValues, until = Date.now() + MINUTE): Promise<SqlResult> {
    return retry(() => this.#send(verb, values, until), this.#dialect, until)
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
      this.#warnOnce(NO_OWNER_COLUMN)
    }
    if (isNeeded) throw new Error(`${this.#dialect.name}: ${NO_OWNER_COLUMN}`)
    return this.#dialect.run(verb, false, values, until)
  }

  /** Where the column is missing, one statement a minute names it all the same: somebody may have added it. */
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

/** Calls `work` again after a transient error such as a deadlock, until `until` and at most 20 times. */
function retry<T>(work: () => Promise<T>, dialect: SqlDialect, until: number, tries = 1): Promise<T> {
  return work().catch(async (error: unknown) => {
    if (dialect.isNoTable(error)) throw noTable(dialect.name, error)
    if (!dialect.isTransient(error) || tries === MAX_TRIES || Date.now() >= until) throw error
    // A random pause, so that two statements that met once do not meet again.
    await sleep(Math.random() * Math.min(MAX_PAUSE, 2 ** tries))
    return retry(work, dialect, until, tries + 1)
  })
}
