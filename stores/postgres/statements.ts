import type { SqlVerb } from '../sql/dialect.ts'

// `statement_timestamp()`, because with `clock_timestamp()` no index can be used.
const LIVING = 'expiry > statement_timestamp()'
const EXPIRED = 'expiry <= statement_timestamp()'
const NO_RENEWAL_RECORD = "left(token, 1) <> ';'"

/**
 * The statement for each verb. All values are read as text: pg decodes everything that the server sends as UTF-8, binary values too, and an
 * application may have changed how it parses each type. An expiry is read as bytes, microseconds since 2000-01-01, which are exact and do not
 * depend on the time zone or the date style.
 */
export function postgresTexts(table: string, owner: boolean): Record<SqlVerb, string> {
  const record = `encode(data, 'base64'), encode(timestamptz_send(expiry), 'hex')${owner ? ', owner' : ''}`
  const columns = `token, data, expiry${owner ? ', owner' : ''}`
  const set = `data = :data::bytea, expiry = :expiry::timestamptz${owner ? ', owner = :owner::text' : ''}`
  const setExcluded = `data = EXCLUDED.data, expiry = EXCLUDED.expiry${owner ? ', owner = EXCLUDED.owner' : ''}`
  const same = `data = :data::bytea AND expiry = :expiry::timestamptz${owner ? ' AND owner IS NOT DISTINCT FROM :owner::text' : ''}`
  const unchanged = `token = :key AND data = :previous::bytea AND ${LIVING}`
  const rename = `UPDATE ${table} SET token = :newKey, ${set} WHERE ${unchanged}`
  return {
    find: `SELECT ${record} FROM ${table} WHERE token = :key AND ${LIVING}`,
    findData: `SELECT encode(data, 'base64') FROM ${table} WHERE token = :key AND ${LIVING}`,
    create: `INSERT INTO ${table} AS t (${columns}) VALUES (:key, :data, :expiry${owner ? ', :owner' : ''})
      ON CONFLICT (token) DO UPDATE SET ${setExcluded}
      WHERE t.expiry <= statement_timestamp() OR (t.data = EXCLUDED.data AND t.expiry = EXCLUDED.expiry
      ${owner ? 'AND t.owner IS NOT DISTINCT FROM EXCLUDED.owner' : ''})`,
    update: `UPDATE ${table} SET ${set} WHERE token = :key AND ${LIVING} AND (data = :previous::bytea OR (${same}))`,
    rename,
    renameWithTrace: renameWithTrace(table, owner, rename, columns, setExcluded),
    holds: `SELECT FROM ${table} WHERE token = :newKey AND ${LIVING} AND ${same}`,
    deleteExpiredNew: `DELETE FROM ${table} WHERE token = :newKey AND ${EXPIRED}`,
    touch: `UPDATE ${table} SET expiry = greatest(expiry, :expiry::timestamptz) WHERE ${unchanged}`,
    delete: `DELETE FROM ${table} WHERE token = :key AND ${LIVING}`,
    deleteUnchanged: `DELETE FROM ${table} WHERE ${unchanged}`,
    // One scan, without a list of tokens made before it: it waits for a row that is being renamed, and deletes it under its new token.
    deleteOwnedBy: `DELETE FROM ${table} WHERE owner = :owner AND token <> :except AND ${LIVING} AND ${NO_RENEWAL_RECORD}`,
    all: `SELECT token, ${record} FROM ${table} WHERE token > :after AND ${LIVING} AND ${NO_RENEWAL_RECORD} ORDER BY token LIMIT :limit`,
    ownedKeys: `SELECT token FROM ${table} WHERE owner = :owner AND ${LIVING} AND ${NO_RENEWAL_RECORD}`,
    load: `SELECT token, ${record} FROM ${table} WHERE token = ANY(:keys::text[]) AND ${LIVING}`,
    count: `SELECT count(*)::text FROM ${table} WHERE ${LIVING} AND ${NO_RENEWAL_RECORD}`,
    firstExpired: `SELECT encode(timestamptz_send(expiry), 'hex') FROM ${table} WHERE expiry >= :from::timestamptz AND ${EXPIRED} ORDER BY expiry LIMIT 1`,
    // The expiry is checked again once the row is locked: it may have been replaced meanwhile.
    deleteExpired: `DELETE FROM ${table} WHERE token = ANY(ARRAY(
      SELECT token FROM ${table} WHERE expiry >= :from::timestamptz AND ${EXPIRED} ORDER BY expiry LIMIT :limit FOR UPDATE SKIP LOCKED)) AND ${EXPIRED}`,
  }
}

/** A renewal that leaves its trace, in one statement: the trace is inserted only if a row was moved. */
function renameWithTrace(table: string, owner: boolean, rename: string, columns: string, setExcluded: string): string {
  return `WITH moved AS (${rename} RETURNING 1), trace AS (
    INSERT INTO ${table} (${columns})
    SELECT :traceKey, :traceData::bytea, :traceExpiry::timestamptz${owner ? ', :traceOwner::text' : ''} FROM moved
    ON CONFLICT (token) DO UPDATE SET ${setExcluded})
    SELECT FROM moved`
}
