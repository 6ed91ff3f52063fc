import { randomUUID } from 'node:crypto'
import { Redis } from 'iovalkey'
import t from 'tap'
import { RedisStore } from '../../stores/redis.ts'
import { LIMIT } from '../support/limit.ts'
import { startValkey } from '../support/servers/redis.ts'
import { conforms } from '../support/store-suite.ts'

t.setTimeout(LIMIT)

t.test('with the client of Valkey', async (t) => {
  const { port } = await startValkey(t)
  const valkey = new Redis({ port, host: '127.0.0.1', socketTimeout: 60_000 })
  t.teardown(() => valkey.disconnect())
  await conforms(t, 'the suite', { createStore: () => ({ store: new RedisStore(valkey, { prefix: `${randomUUID()}:` }) }) })
})
