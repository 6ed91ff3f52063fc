import type { SqlResult } from '../sql/statement.ts'
import type { MysqlVerb } from './statements.ts'

const MAX_TRIES = 10

/**
 * Adds a record, with one statement where the key is free. Where it is taken, a second one replaces the row if it has expired or is the same record.
 * If there is no such row, a third finds out whether the table ignores case and has another key. Throws if so.
 */
export async function createMysql(
  send: (verb: MysqlVerb) => Promise<SqlResult>,
  isTaken: (error: unknown) => boolean,
  tries = 1,
): Promise<SqlResult> {
  try {
    return await send('create')
  } catch (error) {
    if (!isTaken(error) || tries === MAX_TRIES) throw error
  }
  const replaced = await send('replaceExpired')
  if (replaced.count > 0) return replaced
  const [row] = (await send('isSameKey')).rows
  // No row: the other record was deleted meanwhile, and the key is free.
  if (row === undefined) return createMysql(send, isTaken, tries + 1)
  if (Number(row[0]) === 1) return replaced
  throw new Error('MysqlStore: another key differs from this one only in case, and the table ignores case: call migrate() to change that')
}
