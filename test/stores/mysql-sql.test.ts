import t from 'tap'
import { LIMIT } from '../support/limit.ts'
import { useMysql } from '../support/servers/mysql.ts'
import { mysqlEngine } from '../support/sql-mysql.ts'
import { sqlOperations } from '../support/sql-operations.ts'
import { sqlSuite } from '../support/sql-suite.ts'

t.setTimeout(LIMIT)

const engine = mysqlEngine(t, await useMysql(t))
await sqlSuite(t, engine)
await sqlOperations(t, engine)
