import type { SqlResult } from '../sql/statement.ts'
import type { MysqlVerb } from './statements.ts'

const MAX_TRIES = 10

/**
 * Adds a record: one statement where the key is free. Where it is taken, one more replaces what has expired, or is the same record; and where there is
 * no such row, a look says who has the key. Throws when it is a key that differs in case alone.
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
  // No row: who had the key has gone meanwhile, and it is free.
  if (row === undefined) return createMysql(send, isTaken, tries + 1)
  if (Number(row[0]) === 1) return replaced
  throw new Error(
    'MysqlStore: another key differs from this one in case alone, and the table takes them for the same: migrate() changes that',
  )
}
