import t from 'tap'
import { cutsInReplies } from '../support/faults/cuts.ts'
import { databaseOf } from '../support/faults/databases.ts'
import { isolation } from '../support/faults/isolation.ts'
import { blackHole, killedInTraffic, resetInTraffic } from '../support/faults/outages.ts'
import { LIMIT } from '../support/limit.ts'

t.setTimeout(LIMIT)

const database = databaseOf('Redis')

t.test('a connection reset after any number of bytes of a reply', (t) => cutsInReplies(t, database))
t.test('the server killed and started again in mid-traffic', (t) => killedInTraffic(t, database))
t.test('all connections reset in mid-traffic', (t) => resetInTraffic(t, database))
t.test('a server that accepts and never answers', (t) => blackHole(t, database))
t.test('3,000 requests of 200 users over a bad network', (t) => isolation(t, database))
