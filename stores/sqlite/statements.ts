const LIVING = 'expiry > :now'
const EXPIRED = 'expiry <= :now'
const NO_RENEWAL_RECORD = "substr(token, 1, 1) <> ';'"

/** The statements of which the verbs are made. */
export type SqliteTexts = Readonly<ReturnType<typeof sqliteTexts>>

/**
 * The statements on a table, whose name is in quotes. An owner is read as bytes, because some releases of node:sqlite cut a string at its first zero
 * byte. `create` inserts nothing if the row exists: the table's trigger would take that for a commit of SCS.
 */
export function sqliteTexts(table: string, owner: boolean) {
  const also = (text: string) => (owner ? text : '')
  const record = `data, expiry${also(', CAST(owner AS BLOB) AS owner')}`
  const set = `data = :data, expiry = :expiry${also(', owner = :owner')}`
  const same = `data = :data AND expiry = :expiry${also(' AND owner IS :owner')}`
  const unchanged = `token = :key AND data = :previous AND ${LIVING}`
  const owned = `owner = :owner AND ${LIVING} AND ${NO_RENEWAL_RECORD}`
  return {
    find: `SELECT ${record} FROM ${table} WHERE token = :key AND ${LIVING}`,
    create: `INSERT INTO ${table} (token, data, expiry${also(', owner')}) SELECT :key, :data, :expiry${also(', :owner')}
      WHERE NOT EXISTS (SELECT 1 FROM ${table} WHERE token = :key)`,
    holds: `SELECT 1 FROM ${table} WHERE token = :key AND ${LIVING} AND ${same}`,
    update: `UPDATE ${table} SET ${set} WHERE token = :key AND ${LIVING} AND (data = :previous OR (${same}))`,
    // OR IGNORE: if the new key exists already, both rows stay as they are.
    rename: `UPDATE OR IGNORE ${table} SET token = :newKey, ${set} WHERE ${unchanged}`,
    touch: `UPDATE ${table} SET expiry = max(expiry, :expiry) WHERE ${unchanged}`,
    delete: `DELETE FROM ${table} WHERE token = :key AND ${LIVING}`,
    deleteUnchanged: `DELETE FROM ${table} WHERE ${unchanged}`,
    deleteIfExpired: `DELETE FROM ${table} WHERE token = :key AND ${EXPIRED}`,
    deleteAnyway: `DELETE FROM ${table} WHERE token = :key`,
    deleteOwnedBy: `DELETE FROM ${table} WHERE ${owned} AND token <> :except`,
    deleteExpired: `DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE ${EXPIRED} ORDER BY expiry LIMIT :limit)`,
    page: `SELECT token, ${record} FROM ${table} WHERE token > :after ORDER BY token LIMIT :limit`,
    ownedKeys: `SELECT token FROM ${table} WHERE ${owned}`,
    count: `SELECT count(*) AS count FROM ${table} WHERE ${LIVING}`,
    countRenewalRecords: `SELECT count(*) AS count FROM ${table} WHERE token >= ';' AND token < '<' AND ${LIVING}`,
  }
}
