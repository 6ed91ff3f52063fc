import t from 'tap'
import { LIMIT } from '../support/limit.ts'
import { useMysql } from '../support/servers/mysql.ts'
import { mysqlDatabase } from '../support/sql-mysql.ts'
import { sqlOperations } from '../support/sql-operations.ts'
import { sqlSuite } from '../support/sql-suite.ts'

t.setTimeout(LIMIT)

const database = mysqlDatabase(t, await useMysql(t))
await sqlSuite(t, database)
await sqlOperations(t, database)
