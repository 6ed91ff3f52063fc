import { createHash } from 'node:crypto'
import { checkTime } from '../shared/limiter.ts'
import { checkedOwner, LATEST } from '../shared/text.ts'
import { codeOf, type SqlDialect, type SqlVerb } from '../sql/dialect.ts'
import { numbered, type SqlResult, type SqlStatement, type SqlValue, type SqlValues, valuesFor } from '../sql/statement.ts'
import { type PostgresClient, type PostgresConnections, type PostgresQuery, send } from './client.ts'
import { postgresTexts } from './statements.ts'

/** 2000-01-01, from which PostgreSQL counts time, in microseconds since 1970. */
const PG_EPOCH = 946_684_800_000_000n
/** An entry of a B-tree index can have a third of a page, about 2,700 bytes. */
const MAX_OWNER_BYTES = 2000

/** Rows of raw strings: an application may have changed how pg parses each type. */
export const RAW: Pick<PostgresQuery, 'rowMode' | 'types'> = {
  rowMode: 'array',
  types: { getTypeParser: () => (value) => value },
}

/**
 * Errors of a prepared statement that the server does not have (DISCARD ALL, or a pooler that changes servers), has already (a pooler again), or whose
 * result would have other types than before (ALTER TABLE).
 */
const UNPREPARED: readonly unknown[] = ['26000', '42P05', '0A000']

interface PreparedStatement extends SqlStatement {
  /** What every query of the statement inherits: pg copies the properties that a query has of its own, one by one, which takes longer than to send it. */
  readonly query: PostgresQuery
}

/** PostgreSQL through pg. Each statement is one round trip and is prepared once on each connection. */
export class PostgresDialect implements SqlDialect {
  readonly name = 'PostgresStore'
  readonly warning: string | undefined
  readonly #connections: PostgresConnections
  readonly #prepare: boolean
  /** Clients that lost their prepared statements. */
  readonly #unprepared = new WeakSet<PostgresClient>()
  readonly #withOwner: Record<SqlVerb, PreparedStatement>
  readonly #without: Record<SqlVerb, PreparedStatement>

  /** `table`: its name as it stands in a statement. */
  constructor(connections: PostgresConnections, table: string, prepare: boolean) {
    this.warning = connections.warning
    this.#connections = connections
    this.#prepare = prepare
    this.#withOwner = namedStatements(postgresTexts(table, true))
    this.#without = namedStatements(postgresTexts(table, false))
  }

  run(verb: SqlVerb, owner: boolean, values: SqlValues, until: number): Promise<SqlResult> {
    const statement = (owner ? this.#withOwner : this.#without)[verb]
    const given = valuesFor(statement, values, toExpiry)
    return this.#connections.run((client) => this.#query(client, statement, given, until), until)
  }

  /** Sends a prepared query; when the server does not have it, nothing was carried out, and the query is sent without preparing it. */
  #query(client: PostgresClient, statement: PreparedStatement, values: SqlValue[], until: number): Promise<SqlResult> {
    const unprepared = () => send(client, { text: statement.text, values, ...RAW })
    if (!this.#prepare || this.#unprepared.has(client)) return unprepared()
    return send(client, Object.assign(Object.create(statement.query), { values }), async (error) => {
      if (!UNPREPARED.includes(codeOf(error, 'code'))) throw error
      this.#unprepared.add(client)
      checkTime(until)
      return unprepared()
    })
  }

  toOwner(owner: string): string {
    if (owner.includes('\0')) throw new RangeError(`${this.name}: an owner has no zero byte, which text in PostgreSQL cannot hold`)
    return checkedOwner(owner, MAX_OWNER_BYTES)
  }

  fromData(data: unknown): Buffer {
    return Buffer.from(String(data), 'base64')
  }

  fromExpiry(expiry: unknown): number {
    const micros = BigInt.asIntN(64, BigInt(`0x${expiry}`)) + PG_EPOCH
    // In whole numbers, because a double is exact to the microsecond only until 2255. BigInt rounds towards zero, so before 1970 one more is subtracted.
    const moment = Number(micros / 1000n) - (micros < 0n ? 1 : 0)
    return moment < -LATEST ? Number.NEGATIVE_INFINITY : Math.min(moment, LATEST)
  }

  isTaken(error: unknown): boolean {
    return codeOf(error, 'code') === '23505'
  }

  isNoTable(error: unknown): boolean {
    return codeOf(error, 'code') === '42P01'
  }

  isNoColumn(error: unknown): boolean {
    return codeOf(error, 'code') === '42703'
  }

  /** A serialization failure or a deadlock. */
  isTransient(error: unknown): boolean {
    return ['40001', '40P01'].includes(String(codeOf(error, 'code')))
  }
}

/** `-infinity`: no expiry is earlier. */
const EARLIEST = Buffer.from('8000000000000000', 'hex')

function toExpiry(moment: number): Buffer {
  if (moment === Number.NEGATIVE_INFINITY) return EARLIEST
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigInt64BE(BigInt(moment) * 1000n - PG_EPOCH)
  return bytes
}

/** Names each statement by a hash of its text: a connection knows prepared statements by name, and no other statement has this one. */
function namedStatements(texts: Record<SqlVerb, string>): Record<SqlVerb, PreparedStatement> {
  const named = ([verb, template]: [string, string]) => {
    const statement = numbered(template)
    const hash = createHash('sha256').update(statement.text).digest('base64url')
    return [verb, { ...statement, query: { name: `scs_${hash}`, text: statement.text, ...RAW } }]
  }
  return Object.fromEntries(Object.entries(texts).map(named))
}
