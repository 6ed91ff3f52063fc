import t from 'tap'
import { LIMIT } from '../support/limit.ts'
import { useMysql } from '../support/servers/mysql.ts'
import { mysqlEngine } from '../support/sql-mysql.ts'
import { sqlSuite } from '../support/sql-suite.ts'

t.setTimeout(LIMIT)

await sqlSuite(t, mysqlEngine(t, await useMysql(t)))
