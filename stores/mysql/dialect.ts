import { checkTime } from '../shared/limiter.ts'
import { checkedOwner } from '../shared/text.ts'
import { bufferOf, codeOf, type SqlDialect, type SqlVerb } from '../sql/dialect.ts'
import { positional, type SqlResult, type SqlStatement, type SqlValue, type SqlValues, valuesFor } from '../sql/statement.ts'
import { quotedTable, type SqlTable } from '../sql/table.ts'
import { type Inspection, inspect, layoutFrom } from './check.ts'
import { type MysqlConnections, queryOf } from './client.ts'
import { createMysql } from './create.ts'
import type { MysqlConnection, MysqlQuery } from './driver.ts'
import { columnsOf, LAYOUTS, type Layout } from './layout.ts'
import { type MysqlVerb, mysqlTexts } from './statements.ts'

/** What the column `owner` can hold. */
const MAX_OWNER_BYTES = 1020

/**
 * A statement to send before. Under READ COMMITTED a scan could miss a row whose token changes meanwhile to one that the scan has passed; under
 * REPEATABLE READ the gaps that it has passed are locked.
 */
const BEFORE: Partial<Record<MysqlVerb, string>> = { deleteOwnedBy: 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ' }

/** Errors of preparing: too many statements on the server, or one that it no longer has. Nothing was carried out. */
const UNPREPARED: readonly unknown[] = [1461, 1243]

/** What must be known of a table before the first statement. */
interface Known {
  readonly layout: Layout
  readonly withOwner: Record<MysqlVerb, string>
  readonly without: Record<MysqlVerb, string>
}

/** MySQL and MariaDB through mysql2, with prepared statements. */
export class MysqlDialect implements SqlDialect {
  readonly name = 'MysqlStore'
  readonly warning: string | undefined
  readonly #connections: MysqlConnections
  readonly #table: SqlTable
  readonly #wanted: Layout['name']
  readonly #prepare: boolean
  readonly #statements = new Map<string, SqlStatement>()
  #known: Known | undefined

  /** `wanted`: the layout of a table that `migrate()` creates. With `'scs'` an existing table must be SCS's as well. */
  constructor(connections: MysqlConnections, table: SqlTable, wanted: Layout['name'], prepare: boolean) {
    this.warning = connections.warning
    this.#connections = connections
    this.#table = table
    this.#wanted = wanted
    this.#prepare = prepare
  }

  get maxBytes(): number {
    return (this.#known?.layout ?? LAYOUTS[this.#wanted]).maxBytes
  }

  run(verb: SqlVerb, owner: boolean, values: SqlValues, until: number): Promise<SqlResult> {
    // Inspected again at each clean-up: somebody may have replaced the table by one of the other layout.
    const known = verb === 'firstExpired' ? undefined : this.#known
    const run = (known: Known) => this.#run(verb, owner, values, known, until)
    return known === undefined ? this.#inspectTable(until).then(run) : run(known)
  }

  #run(verb: SqlVerb, owner: boolean, values: SqlValues, { layout, withOwner, without }: Known, until: number): Promise<SqlResult> {
    checkSize(values['data'], layout)
    checkSize(values['traceData'], layout)
    const texts = owner ? withOwner : without
    const send = (verb: MysqlVerb) => this.#send(verb, texts[verb], values, layout, until)
    return verb === 'create' ? createMysql(send, (error) => this.isTaken(error)) : send(verb)
  }

  /** Each statement inspects by itself until one has succeeded: another's inspection may be on a connection that has gone silent. */
  async #inspectTable(until: number): Promise<Known> {
    return this.remember(
      await this.#connections.run(async (connection) => inspect(connection, await columnsOf(connection, this.#table)), until),
    )
  }

  /** Throws where sessions would be lost or misread. */
  layoutFrom(inspection: Inspection): Layout {
    return layoutFrom(inspection, this.#wanted)
  }

  remember(inspection: Inspection): Known {
    const layout = this.layoutFrom(inspection)
    const quoted = quotedTable(this.#table, '`')
    this.#known = { layout, withOwner: mysqlTexts(quoted, true, layout), without: mysqlTexts(quoted, false, layout) }
    return this.#known
  }

  toOwner(owner: string): Buffer {
    return Buffer.from(checkedOwner(owner, MAX_OWNER_BYTES))
  }

  fromData(data: unknown): Buffer {
    return bufferOf(data as Buffer)
  }

  fromExpiry(expiry: unknown): number {
    return Number(expiry)
  }

  isTaken(error: unknown): boolean {
    return codeOf(error, 'errno') === 1062
  }

  isNoTable(error: unknown): boolean {
    return codeOf(error, 'errno') === 1146
  }

  isNoColumn(error: unknown): boolean {
    return codeOf(error, 'errno') === 1054
  }

  /** A deadlock, a lock that was not free in time, or a row that changed since it was read. */
  isTransient(error: unknown): boolean {
    return [1213, 1205, 1020].includes(Number(codeOf(error, 'errno')))
  }

  /** Made once for each text, unless the text changes with its values. */
  #statement(text: string, values: SqlValues): SqlStatement {
    const known = this.#statements.get(text)
    if (known !== undefined) return known
    const whole = withLists(text, values)
    const statement = positional(whole)
    if (whole === text) this.#statements.set(text, statement)
    return statement
  }

  #send(verb: MysqlVerb, text: string, values: SqlValues, { toExpiry }: Layout, until: number): Promise<SqlResult> {
    const statement = this.#statement(text, values)
    const before = BEFORE[verb]
    const given = flat(valuesFor(statement, values, toExpiry))
    // Its text has the limit in it, so each limit would be one more prepared statement.
    const isPrepared = this.#prepare && verb !== 'deleteExpired'
    const sendNow = (connection: MysqlConnection) => {
      const query = queryOf(statement.text, connection)
      return isPrepared ? execute(connection, query, given, until) : connection.query({ ...query, values: given }).then(toResult)
    }
    if (before === undefined) return this.#connections.run(sendNow, until)
    return this.#connections.run(async (connection) => {
      await connection.query(queryOf(before))
      checkTime(until)
      return sendNow(connection)
    }, until)
  }
}

/** Sends a prepared statement; when the server refuses to prepare it, sends it unprepared. */
function execute(
  connection: MysqlConnection,
  query: MysqlQuery,
  values: (string | Buffer | null)[],
  until: number,
): PromiseLike<SqlResult> {
  return connection.execute(query, values).then(toResult, (error: unknown) => {
    if (!UNPREPARED.includes(codeOf(error, 'errno'))) throw error
    checkTime(until)
    return connection.query({ ...query, values }).then(toResult)
  })
}

function checkSize(data: unknown, { maxBytes }: Layout): void {
  const size = Buffer.isBuffer(data) ? data.length : 0
  if (size > maxBytes) throw new RangeError(`MysqlStore: the column data holds ${maxBytes} bytes, and these are ${size}`)
}

const LIST = 100

/** Gives a list as many placeholders as it has entries, rounded up so that there are few different statements. A limit cannot be a placeholder. */
function withLists(text: string, { keys, limit }: SqlValues): string {
  const placeholders = Array.isArray(keys) ? Math.max(1, Math.ceil(keys.length / LIST)) * LIST : 0
  return text.replace('(:keys)', `(${Array(placeholders).fill(':keys').join(', ')})`).replace(':limit', String(limit))
}

/** Gives each placeholder of a list one entry; the rest get '', which is no key. */
function flat(values: readonly SqlValue[]): (string | Buffer | null)[] {
  const list = values.find(isList)?.values()
  return values.map((value) => (isList(value) ? (list?.next().value ?? '') : value))
}

function isList(value: SqlValue): value is readonly string[] {
  return Array.isArray(value)
}

function toResult([result]: [unknown, unknown]): SqlResult {
  if (Array.isArray(result)) return { rows: result, count: result.length }
  return { rows: [], count: (result as { affectedRows: number }).affectedRows }
}
