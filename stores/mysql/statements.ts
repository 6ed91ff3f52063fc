import type { SqlVerb } from '../shared/sql-engine.ts'

/** What MySQL has statements for: an INSERT cannot replace what has expired and nothing else, so that takes two more. */
export type MysqlVerb = SqlVerb | 'replaceExpired' | 'look'

const EXPIRED = 'expiry <= UTC_TIMESTAMP(6)'
const LIVING = 'expiry > UTC_TIMESTAMP(6)'
const NO_TRACE = "LEFT(token, 1) <> ';'"

/** By the index, and by bytes besides: the collation of a table that SCS made may take `a` for `A`. */
const is = (place: string, column = 'token') => `${column} = ${place} AND CAST(${column} AS BINARY) = CAST(${place} AS BINARY)`
/** An expiry is the literal time in UTC, as SCS writes it, whatever the session's time zone. */
const time = (place: string) => `CAST(${place} AS DATETIME(6))`

/** The text for each verb, in what MySQL 8 and MariaDB have in common. */
export function mysqlTexts(table: string, owner: boolean): Record<MysqlVerb, string> {
  const also = (text: string) => (owner ? text : '')
  const columns = `token, data, expiry${also(', owner')}`
  const record = `data, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', expiry)${also(', owner')}`
  const set = `data = :data, expiry = ${time(':expiry')}${also(', owner = :owner')}`
  const same = `data = :data AND expiry = ${time(':expiry')}${also(' AND owner <=> :owner')}`
  const unchanged = `${is(':key')} AND data = :previous AND ${LIVING}`
  return {
    find: `SELECT ${record} FROM ${table} WHERE ${is(':key')} AND ${LIVING}`,
    findData: `SELECT data FROM ${table} WHERE ${is(':key')} AND ${LIVING}`,
    create: `INSERT INTO ${table} (${columns}) VALUES (:key, :data, ${time(':expiry')}${also(', :owner')})`,
    replaceExpired: `UPDATE ${table} SET ${set} WHERE ${is(':key')} AND (${EXPIRED} OR (${same}))`,
    look: `SELECT ${is(':key')} FROM ${table} WHERE token = :key`,
    update: `UPDATE ${table} SET ${set} WHERE ${is(':key')} AND ${LIVING} AND (data = :previous OR (${same}))`,
    rename: `UPDATE ${table} SET token = :newKey, ${set} WHERE ${unchanged}`,
    renameWithTrace: renameWithTrace(table, owner),
    holds: `SELECT 1 FROM ${table} WHERE ${is(':newKey')} AND ${LIVING} AND ${same}`,
    deleteExpiredNew: `DELETE FROM ${table} WHERE ${is(':newKey')} AND ${EXPIRED}`,
    touch: `UPDATE ${table} SET expiry = GREATEST(expiry, ${time(':expiry')}) WHERE ${unchanged}`,
    delete: `DELETE FROM ${table} WHERE ${is(':key')} AND ${LIVING}`,
    deleteUnchanged: `DELETE FROM ${table} WHERE ${unchanged}`,
    deleteOwnedBy: `DELETE FROM ${table} WHERE owner = :owner AND CAST(token AS BINARY) <> CAST(:except AS BINARY) AND ${LIVING} AND ${NO_TRACE}`,
    all: `SELECT token, ${record} FROM ${table} WHERE token > :after AND ${LIVING} AND ${NO_TRACE} ORDER BY token LIMIT :limit`,
    ownedKeys: `SELECT token FROM ${table} WHERE owner = :owner AND ${LIVING} AND ${NO_TRACE}`,
    load: `SELECT token, ${record} FROM ${table} WHERE token IN (:keys) AND ${LIVING}`,
    count: `SELECT COUNT(*) FROM ${table} WHERE ${LIVING} AND ${NO_TRACE}`,
    firstExpired: `SELECT CAST(expiry AS CHAR) FROM ${table} WHERE expiry >= ${time(':from')} AND ${EXPIRED} ORDER BY expiry LIMIT 1`,
    // In this order: a scan for what has expired that does not skip what others have locked would wait for them.
    deleteExpired: `DELETE t FROM (
      SELECT token FROM ${table} WHERE expiry >= ${time(':from')} AND ${EXPIRED} ORDER BY expiry LIMIT :limit FOR UPDATE SKIP LOCKED
      ) AS d STRAIGHT_JOIN ${table} AS t ON t.token = d.token WHERE t.${EXPIRED}`,
  }
}

/**
 * A renewal that leaves a trace, in one statement: the session's row, if it is still as it was loaded, is inserted twice. Once under its own
 * key, which is taken by itself and so moves; once under the trace's. The token is set last, for what is set after it would see the new one.
 */
function renameWithTrace(table: string, owner: boolean): string {
  const also = (text: string) => (owner ? text : '')
  const moved = (column: string, value: string, otherwise = `VALUES(${column})`) =>
    `${column} = IF(${table}.token = :key, ${value}, ${otherwise})`
  return `INSERT INTO ${table} (token, data, expiry${also(', owner')})
    SELECT IF(v.trace, :traceKey, s.token), IF(v.trace, :traceData, s.data), IF(v.trace, ${time(':traceExpiry')}, s.expiry)
    ${also(', IF(v.trace, :traceOwner, s.owner)')}
    FROM ${table} AS s JOIN (SELECT 0 AS trace UNION ALL SELECT 1) AS v
    WHERE ${is(':key', 's.token')} AND s.data = :previous AND s.${LIVING} FOR UPDATE
    ON DUPLICATE KEY UPDATE ${moved('data', ':data')}, ${moved('expiry', time(':expiry'))},
    ${also(`${moved('owner', ':owner')},`)} ${moved('token', ':newKey', `${table}.token`)}`
}
