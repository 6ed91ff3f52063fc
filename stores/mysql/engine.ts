import type { StoreRecord } from '../../types/store.ts'
import { codeOf } from '../shared/sql-client.ts'
import { bufferOf, type SqlEngine, type SqlVerb } from '../shared/sql-engine.ts'
import { positional, type SqlResult, type SqlStatement, type SqlValue, type SqlValues, valuesFor } from '../shared/sql-statement.ts'
import { checkedOwner } from '../shared/text.ts'
import { checkMysql } from './check.ts'
import { type MysqlConnection, type MysqlConnections, type MysqlQuery, queryOf } from './client.ts'
import { createMysql } from './create.ts'
import { type MysqlVerb, mysqlTexts } from './statements.ts'

/** What a BLOB holds. */
export const MOST_BYTES = 65_535
/** What the column holds. */
const LONGEST_OWNER = 1020
/** What a TIMESTAMP holds, in whichever time zone: anything before the first has expired anyhow. */
const FIRST = Date.UTC(1970, 0, 3)
const LAST = Date.UTC(2038, 0, 18)

/**
 * A row that is renamed by others while the scan goes on could slip behind it under READ COMMITTED; under REPEATABLE READ the gaps that the scan has
 * passed are locked.
 */
const BEFORE: Partial<Record<MysqlVerb, string>> = { deleteOwnedBy: 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ' }

/** Errors of prepared statements alone: too many of them on the server, and one that it does not have any more. Nothing was carried out. */
const UNPREPARED: readonly unknown[] = [1461, 1243]

/** MySQL and MariaDB by mysql2, with prepared statements. */
export class MysqlEngine implements SqlEngine {
  readonly name = 'MysqlStore'
  readonly warning: string | undefined
  readonly earliest = toLiteral(FIRST)
  readonly #connections: MysqlConnections
  readonly #prepare: boolean
  readonly #withOwner: Record<MysqlVerb, string>
  readonly #without: Record<MysqlVerb, string>
  readonly #statements = new Map<string, SqlStatement>()
  #checked = false

  /** `table` as it stands in a statement. */
  constructor(connections: MysqlConnections, table: string, prepare: boolean) {
    this.warning = connections.warning
    this.#connections = connections
    this.#prepare = prepare
    this.#withOwner = mysqlTexts(table, true)
    this.#without = mysqlTexts(table, false)
  }

  run(verb: SqlVerb, owner: boolean, values: SqlValues, until: number): Promise<SqlResult> {
    const texts = owner ? this.#withOwner : this.#without
    const send = (verb: MysqlVerb) => this.#send(verb, texts[verb], values, until)
    return verb === 'create' ? createMysql(send, (error) => this.isTaken(error)) : send(verb)
  }

  /**
   * Throws where sessions would come to harm. Once it has found all well it does not look again. A statement looks on its own connection, in its own time:
   * none waits for the look of another, which may be on a connection that has gone silent.
   */
  async check(connection: MysqlConnection): Promise<void> {
    if (this.#checked) return
    await checkMysql(connection)
    this.#checked = true
  }

  toData(data: Uint8Array): Buffer {
    if (data.length > MOST_BYTES) throw new RangeError(`${this.name}: a BLOB holds ${MOST_BYTES} bytes, and these are ${data.length}`)
    return bufferOf(data)
  }

  toExpiry(expiresAt: number): string {
    if (expiresAt > LAST)
      throw new RangeError(`${this.name}: a TIMESTAMP ends in 2038, so a session ends by ${new Date(LAST).toISOString()}`)
    return toLiteral(Math.max(expiresAt, FIRST))
  }

  toPosition(expiry: unknown): string {
    return String(expiry)
  }

  toOwner(owner: string): Buffer {
    return Buffer.from(checkedOwner(owner, LONGEST_OWNER))
  }

  fromData(data: unknown): Buffer {
    return bufferOf(data as Buffer)
  }

  /** What others wrote to the microsecond is rounded down. */
  toRecord([data, micros, owner]: readonly unknown[]): StoreRecord {
    const record = { data: this.fromData(data), expiresAt: Math.floor(Number(micros) / 1000) }
    return owner === null || owner === undefined ? record : { ...record, owner: String(owner) }
  }

  isTaken(error: unknown): boolean {
    return codeOf(error, 'errno') === 1062
  }

  isNoColumn(error: unknown): boolean {
    return codeOf(error, 'errno') === 1054
  }

  /** A deadlock, a wait for a lock that took too long, a row that changed since it was read. */
  isPassing(error: unknown): boolean {
    return [1213, 1205, 1020].includes(Number(codeOf(error, 'errno')))
  }

  /** Made once of each text, but of those that change with their values. */
  #statement(text: string, values: SqlValues): SqlStatement {
    const known = this.#statements.get(text)
    if (known !== undefined) return known
    const whole = withLists(text, values)
    const statement = positional(whole)
    if (whole === text) this.#statements.set(text, statement)
    return statement
  }

  #send(verb: MysqlVerb, text: string, values: SqlValues, until: number): Promise<SqlResult> {
    const statement = this.#statement(text, values)
    const before = BEFORE[verb]
    const given = flat(valuesFor(statement, values))
    return this.#connections.run(async (connection) => {
      await this.check(connection)
      if (before !== undefined) await connection.query(queryOf(before))
      const query = queryOf(statement.text, connection)
      // A text with a limit in it would be prepared anew for each limit.
      const isPrepared = this.#prepare && verb !== 'deleteExpired'
      return toResult(await (isPrepared ? execute(connection, query, given) : connection.query({ ...query, values: given })))
    }, until)
  }
}

/** Sends a prepared statement, and the same without preparing it where the server cannot. */
async function execute(connection: MysqlConnection, query: MysqlQuery, values: (string | Buffer | null)[]): Promise<[unknown, unknown]> {
  try {
    return await connection.execute(query, values)
  } catch (error) {
    if (!UNPREPARED.includes(codeOf(error, 'errno'))) throw error
  }
  return connection.query({ ...query, values })
}

/** The literal time in UTC. */
function toLiteral(moment: number): string {
  return new Date(moment).toISOString().replace('T', ' ').replace('Z', '')
}

const LIST = 100

/** A statement with as many places as a list has entries, rounded up so that there are few such statements; a limit can have no place. */
function withLists(text: string, { keys, limit }: SqlValues): string {
  const places = Array.isArray(keys) ? Math.max(1, Math.ceil(keys.length / LIST)) * LIST : 0
  return text.replace('(:keys)', `(${Array(places).fill(':keys').join(', ')})`).replace(':limit', String(limit))
}

/** A list gives each of its places an entry, and no key to those that are left. */
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
