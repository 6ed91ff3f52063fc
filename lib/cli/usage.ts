/** What --help prints. */
export const USAGE = `fastify-scs: the sessions of a store, for whoever operates it.

  fastify-scs list    <url> [--owner o] [--limit n]    every living session
  fastify-scs show    <url> <id>                       one session with its values
  fastify-scs count   <url> [--owner o]                how many live
  fastify-scs revoke  <url> <id> …                     ends sessions
  fastify-scs revoke  <url> --owner o | --all          ends those of an owner, or every one
  fastify-scs clean   <url>                            removes what has expired
  fastify-scs migrate <url>                            creates the table, or what it lacks
  fastify-scs import  <from> <to>                      carries living sessions to another store

URLs
  redis://  rediss://  postgres://  mysql://  sqlite:./file  lmdb:./path
  bolt:./file   a file of SCS's boltstore, which is only read
  env:NAME      the URL in an environment variable, so that no list of processes shows its password

Options
  --prefix p      Redis: the beginning of the key names (scs:session:)
  --cluster       Redis: the URL is of a node of a Cluster
  --table t       SQL: the table; LMDB: the name (sessions)
  --layout l      MySQL: plain or scs, the table that migrate creates (plain)
  --codec c       json, gob, encrypted or encrypted-gob (keys in SCS_KEYS): who wrote the payloads (json; bolt: gob)
  --owner-key k   the key in a session that names its owner, where the store keeps none
  --json          for scripts: one JSON object a line
  --dry-run       clean, import, migrate, revoke: changes nothing, says what would be
  --yes, -y       revoke: asks nothing
  --from-prefix, --from-cluster, --from-table, --from-codec, and the same with --to-
                  import: for one of the two stores
  --help, --version

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
`
