import { setTimeout as sleep } from 'node:timers/promises'
import type { StoreLack, StoreLogger } from '../../types/store.ts'
import { NO_OWNER_COLUMN, noTable } from '../shared/text.ts'
import type { SqlDialect, SqlVerb } from './dialect.ts'
import type { SqlResult, SqlValues } from './statement.ts'

const MINUTE = 60_000
/** How often a statement is sent at most, when the database aborts it in favour of another. */
const MAX_TRIES = 20
const MAX_PAUSE = 64
/** The statements that make no sense without the owner column. */
const NEEDS_OWNER: ReadonlySet<SqlVerb> = new Set(['ownedKeys', 'deleteOwnedBy'])
/** The statements whose success proves that the column exists. */
const PROVES_OWNER: ReadonlySet<SqlVerb> = new Set([
  ...NEEDS_OWNER,
  ...(['find', 'create', 'update', 'rename', 'renameWithTrace', 'holds', 'all', 'load'] as const),
])

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
  async run(verb: SqlVerb, values: SqlValues, until = Date.now() + MINUTE, tries = 1): Promise<SqlResult> {
    const owner = this.#wantsOwner && (NEEDS_OWNER.has(verb) || this.#namesOwner())
    if (!owner) this.#refuse(verb)
    try {
      const result = await this.#dialect.run(verb, owner, values, until)
      if (owner && PROVES_OWNER.has(verb)) this.ownerFound()
      return result
    } catch (error) {
      if (owner && this.#dialect.isNoColumn(error)) this.#miss(verb)
      else await this.#pause(error, tries, until)
    }
    return await this.run(verb, values, until, tries + 1)
  }

  #miss(verb: SqlVerb): void {
    this.#ownerMissed = Date.now()
    this.#warnOnce(NO_OWNER_COLUMN)
    this.#refuse(verb)
  }

  /** Throws for a statement that makes no sense without the column. */
  #refuse(verb: SqlVerb): void {
    if (NEEDS_OWNER.has(verb)) throw new Error(`${this.#dialect.name}: ${NO_OWNER_COLUMN}`)
  }

  /** Waits before a statement is sent again after a transient error such as a deadlock, at most 20 times. Throws any other error. */
  async #pause(error: unknown, tries: number, until: number): Promise<void> {
    if (this.#dialect.isNoTable(error)) throw noTable(this.#dialect.name, error)
    if (!this.#dialect.isTransient(error) || tries === MAX_TRIES || Date.now() >= until) throw error
    // A random pause, so that two statements that met once do not meet again.
    await sleep(Math.random() * Math.min(MAX_PAUSE, 2 ** tries))
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
