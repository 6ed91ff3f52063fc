import { createHash } from 'node:crypto'
import type { StoreRecord } from '../../types/store.ts'
import { codeOf } from '../shared/sql-client.ts'
import { bufferOf, type SqlEngine, type SqlVerb } from '../shared/sql-engine.ts'
import { numbered, type SqlResult, type SqlStatement, type SqlValues, valuesFor } from '../shared/sql-statement.ts'
import { checkedOwner } from '../shared/text.ts'
import type { PostgresQuery, WithClient } from './client.ts'
import { postgresTexts } from './statements.ts'

/** 2000-01-01, from which PostgreSQL counts, in microseconds since 1970. */
const PG_EPOCH = 946_684_800_000_000n
/** The latest moment of a Date: what `infinity` is read as. */
const LATEST = 8_640_000_000_000_000
/** An entry of a B-tree index holds a third of a page, some 2,700 bytes. */
const LONGEST_OWNER = 2000

/** Values as they come: what pg would make of them by their types is the application's to choose. */
export const AS_THEY_COME: Pick<PostgresQuery, 'rowMode' | 'types'> = {
  rowMode: 'array',
  types: { getTypeParser: () => (value) => value },
}

interface NamedStatement extends SqlStatement {
  readonly name: string
}

/** PostgreSQL by pg. Each statement is prepared once on each connection, and is one round trip. */
export class PostgresEngine implements SqlEngine {
  readonly name = 'PostgresStore'
  readonly #withClient: WithClient
  readonly #withOwner: Record<SqlVerb, NamedStatement>
  readonly #without: Record<SqlVerb, NamedStatement>

  /** `table` as it stands in a statement. */
  constructor(withClient: WithClient, table: string) {
    this.#withClient = withClient
    this.#withOwner = namedStatements(postgresTexts(table, true))
    this.#without = namedStatements(postgresTexts(table, false))
  }

  run(verb: SqlVerb, owner: boolean, values: SqlValues, until: number | undefined): Promise<SqlResult> {
    const statement = (owner ? this.#withOwner : this.#without)[verb]
    const query = { name: statement.name, text: statement.text, values: valuesFor(statement, values), ...AS_THEY_COME }
    return this.#withClient(async (client) => {
      const { rows, rowCount } = await client.query(query)
      return { rows, count: Number(rowCount) }
    }, until)
  }

  toData(data: Uint8Array): Buffer {
    return bufferOf(data)
  }

  /** Exact to the millisecond. Throws a RangeError for what is no number of milliseconds. */
  toExpiry(expiresAt: number): Buffer {
    const bytes = Buffer.allocUnsafe(8)
    bytes.writeBigInt64BE(BigInt(Math.floor(expiresAt)) * 1000n - PG_EPOCH)
    return bytes
  }

  toOwner(owner: string): string {
    if (owner.includes('\0')) throw new RangeError(`${this.name}: an owner has no zero byte, which text in PostgreSQL cannot hold`)
    return checkedOwner(owner, LONGEST_OWNER)
  }

  fromData(data: unknown): Buffer {
    return Buffer.from(String(data), 'base64')
  }

  /** What others wrote to the microsecond is rounded down. */
  toRecord([data, expiry, owner]: readonly unknown[]): StoreRecord {
    const micros = BigInt.asIntN(64, BigInt(`0x${expiry}`)) + PG_EPOCH
    const record = { data: this.fromData(data), expiresAt: Math.min(Number(micros / 1000n), LATEST) }
    return typeof owner === 'string' ? { ...record, owner } : record
  }

  isTaken(error: unknown): boolean {
    return codeOf(error, 'code') === '23505'
  }

  isNoColumn(error: unknown): boolean {
    return codeOf(error, 'code') === '42703'
  }

  /** A serialization failure or a deadlock. */
  isPassing(error: unknown): boolean {
    return ['40001', '40P01'].includes(String(codeOf(error, 'code')))
  }
}

/** A connection knows a prepared statement by its name: a name made from the text is never another statement's. */
function namedStatements(texts: Record<SqlVerb, string>): Record<SqlVerb, NamedStatement> {
  const named = ([verb, template]: [string, string]) => {
    const statement = numbered(template)
    const hash = createHash('sha256').update(statement.text).digest('base64url')
    return [verb, { ...statement, name: `scs_${hash}` }]
  }
  return Object.fromEntries(Object.entries(texts).map(named))
}
