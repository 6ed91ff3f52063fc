import pg from 'pg'
import t from 'tap'
import { cutsAtEveryByte } from '../support/faults/cuts.ts'
import { engineOf } from '../support/faults/engines.ts'
import { isolation } from '../support/faults/isolation.ts'
import { blackHole, exhaustedPool, killedInTraffic, resetInTraffic } from '../support/faults/outages.ts'
import { LIMIT } from '../support/limit.ts'

t.setTimeout(LIMIT)

const engine = engineOf('PostgreSQL')

t.test('a connection reset at every byte of a reply', (t) => cutsAtEveryByte(t, engine))
t.test('the server killed and started again in mid-traffic', (t) => killedInTraffic(t, engine))
t.test('all connections reset in mid-traffic', (t) => resetInTraffic(t, engine))
t.test('a server that accepts and never answers', (t) => blackHole(t, engine))
t.test('10,000 requests of 500 users over a bad network', (t) => isolation(t, engine))
t.test('a pool that is in use elsewhere', (t) =>
  exhaustedPool(t, engine, async (port) => {
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' })
    await client.connect()
    await client.query('BEGIN; LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE')
    return async () => {
      await client.query('COMMIT')
      await client.end()
    }
  }),
)
