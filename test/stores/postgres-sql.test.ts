import t from 'tap'
import { LIMIT } from '../support/limit.ts'
import { usePostgres } from '../support/servers/postgres.ts'
import { postgresEngine } from '../support/sql-postgres.ts'
import { sqlSuite } from '../support/sql-suite.ts'

t.setTimeout(LIMIT)

await sqlSuite(t, postgresEngine(t, await usePostgres(t)))
