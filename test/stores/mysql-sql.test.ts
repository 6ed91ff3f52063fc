import t from 'tap'
import { useMysql } from '../support/servers/mysql.ts'
import { mysqlEngine } from '../support/sql-mysql.ts'
import { sqlSuite } from '../support/sql-suite.ts'

t.setTimeout(180_000)

await sqlSuite(t, mysqlEngine(t, await useMysql(t)))
