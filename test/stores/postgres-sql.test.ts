import t from 'tap'
import { LIMIT } from '../support/limit.ts'
import { usePostgres } from '../support/servers/postgres.ts'
import { sqlOperations } from '../support/sql-operations.ts'
import { postgresEngine } from '../support/sql-postgres.ts'
import { sqlSuite } from '../support/sql-suite.ts'

t.setTimeout(LIMIT)

const engine = postgresEngine(t, await usePostgres(t))
await sqlSuite(t, engine)
await sqlOperations(t, engine)
