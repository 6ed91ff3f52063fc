import t from 'tap'
import { cutsAtEveryByte } from '../support/faults/cuts.ts'
import { databaseOf } from '../support/faults/databases.ts'
import { isolation } from '../support/faults/isolation.ts'
import { blackHole, killedInTraffic, resetInTraffic } from '../support/faults/outages.ts'
import { LIMIT } from '../support/limit.ts'

t.setTimeout(LIMIT)

const database = databaseOf('Redis')

t.test('a connection reset at every byte of a reply', (t) => cutsAtEveryByte(t, database))
t.test('the server killed and started again in mid-traffic', (t) => killedInTraffic(t, database))
t.test('all connections reset in mid-traffic', (t) => resetInTraffic(t, database))
t.test('a server that accepts and never answers', (t) => blackHole(t, database))
t.test('10,000 requests of 500 users over a bad network', (t) => isolation(t, database))
