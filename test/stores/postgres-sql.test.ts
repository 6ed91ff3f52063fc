import t from 'tap'
import { usePostgres } from '../support/servers/postgres.ts'
import { postgresEngine } from '../support/sql-postgres.ts'
import { sqlSuite } from '../support/sql-suite.ts'

t.setTimeout(180_000)

await sqlSuite(t, postgresEngine(t, await usePostgres(t)))
