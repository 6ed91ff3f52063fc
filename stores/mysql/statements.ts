import type { SqlVerb } from '../sql/dialect.ts'
import type { Layout } from './layout.ts'

/** `create` needs two more statements, because an INSERT of MySQL cannot replace a row only if it has expired. */
export type MysqlVerb = SqlVerb | 'replaceExpired' | 'isSameKey'

const NO_RENEWAL_RECORD = "LEFT(token, 1) <> ';'"

/** The statement for each verb, in the SQL that MySQL 8 and MariaDB have in common. */
export function mysqlTexts(table: string, owner: boolean, layout: Layout): Record<MysqlVerb, string> {
  const { is, milliseconds, moment, now } = layout
  const [living, expired] = [`expiry > ${now}`, `expiry <= ${now}`]
  const also = (text: string) => (owner ? text : '')
  const columns = `token, data, expiry${also(', owner')}`
  const record = `data, ${milliseconds}${also(', owner')}`
  const set = `data = :data, expiry = ${moment(':expiry')}${also(', owner = :owner')}`
  const same = `data = :data AND expiry = ${moment(':expiry')}${also(' AND owner <=> :owner')}`
  const unchanged = `${is(':key')} AND data = :previous AND ${living}`
  return {
    find: `SELECT ${record} FROM ${table} WHERE ${is(':key')} AND ${living}`,
    findData: `SELECT data FROM ${table} WHERE ${is(':key')} AND ${living}`,
    create: `INSERT INTO ${table} (${columns}) VALUES (:key, :data, ${moment(':expiry')}${also(', :owner')})`,
    replaceExpired: `UPDATE ${table} SET ${set} WHERE ${is(':key')} AND (${expired} OR (${same}))`,
    isSameKey: `SELECT ${is(':key')} FROM ${table} WHERE token = :key`,
    update: `UPDATE ${table} SET ${set} WHERE ${is(':key')} AND ${living} AND (data = :previous OR (${same}))`,
    rename: `UPDATE ${table} SET token = :newKey, ${set} WHERE ${unchanged}`,
    renameWithTrace: renameWithTrace(table, owner, layout),
    holds: `SELECT 1 FROM ${table} WHERE ${is(':newKey')} AND ${living} AND ${same}`,
    deleteExpiredNew: `DELETE FROM ${table} WHERE ${is(':newKey')} AND ${expired}`,
    touch: `UPDATE ${table} SET expiry = GREATEST(expiry, ${moment(':expiry')}) WHERE ${unchanged}`,
    delete: `DELETE FROM ${table} WHERE ${is(':key')} AND ${living}`,
    deleteUnchanged: `DELETE FROM ${table} WHERE ${unchanged}`,
    deleteOwnedBy: `DELETE FROM ${table} WHERE owner = :owner AND CAST(token AS BINARY) <> CAST(:except AS BINARY) AND ${living} AND ${NO_RENEWAL_RECORD}`,
    all: `SELECT token, ${record} FROM ${table} WHERE token > :after AND ${living} AND ${NO_RENEWAL_RECORD} ORDER BY token LIMIT :limit`,
    ownedKeys: `SELECT token FROM ${table} WHERE owner = :owner AND ${living} AND ${NO_RENEWAL_RECORD}`,
    load: `SELECT token, ${record} FROM ${table} WHERE token IN (:keys) AND ${living}`,
    count: `SELECT COUNT(*) FROM ${table} WHERE ${living} AND ${NO_RENEWAL_RECORD}`,
    firstExpired: `SELECT ${milliseconds} FROM ${table} WHERE expiry >= ${moment(':from')} AND ${expired} ORDER BY expiry LIMIT 1`,
    // STRAIGHT_JOIN keeps the order: a scan of the table itself would wait for rows that others have locked.
    deleteExpired: `DELETE t FROM (
      SELECT token FROM ${table} WHERE expiry >= ${moment(':from')} AND ${expired} ORDER BY expiry LIMIT :limit FOR UPDATE SKIP LOCKED
      ) AS d STRAIGHT_JOIN ${table} AS t ON t.token = d.token WHERE t.${expired}`,
  }
}

/**
 * A renewal that leaves its trace, in one statement. If the session's row is still as it was loaded, it is inserted twice: under its own key, where
 * the conflict with itself updates it and so moves it, and under the trace's key. The token is set last, because later assignments would see the new
 * one.
 */
function renameWithTrace(table: string, owner: boolean, { is, moment, now }: Layout): string {
  const also = (text: string) => (owner ? text : '')
  const moved = (column: string, value: string, otherwise = `VALUES(${column})`) =>
    `${column} = IF(${table}.token = :key, ${value}, ${otherwise})`
  return `INSERT INTO ${table} (token, data, expiry${also(', owner')})
    SELECT IF(v.trace, :traceKey, s.token), IF(v.trace, :traceData, s.data), IF(v.trace, ${moment(':traceExpiry')}, s.expiry)
    ${also(', IF(v.trace, :traceOwner, s.owner)')}
    FROM ${table} AS s JOIN (SELECT 0 AS trace UNION ALL SELECT 1) AS v
    WHERE ${is(':key', 's.token')} AND s.data = :previous AND s.expiry > ${now} FOR UPDATE
    ON DUPLICATE KEY UPDATE ${moved('data', ':data')}, ${moved('expiry', moment(':expiry'))},
    ${also(`${moved('owner', ':owner')},`)} ${moved('token', ':newKey', `${table}.token`)}`
}
