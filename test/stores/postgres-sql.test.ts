import t from 'tap'
import { LIMIT } from '../support/limit.ts'
import { usePostgres } from '../support/servers/postgres.ts'
import { sqlOperations } from '../support/sql-operations.ts'
import { postgresDatabase } from '../support/sql-postgres.ts'
import { sqlSuite } from '../support/sql-suite.ts'

t.setTimeout(LIMIT)

const database = postgresDatabase(t, await usePostgres(t))
await sqlSuite(t, database)
await sqlOperations(t, database)
