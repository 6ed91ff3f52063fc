import t from 'tap'
import { RedisStore } from '../../stores/redis.ts'
import { redisClient } from '../support/redis.ts'
import { useRedis } from '../support/servers/redis.ts'
import { checkModel, TIME_LIMIT } from './runner.ts'
import { travelling } from './travelling-store.ts'

t.setTimeout(TIME_LIMIT)

const PREFIX = 'model:'

/** Ends sooner by ARGV[2] whatever a store with the prefix ARGV[1] keeps, and the entries of its indexes. */
const MOVE_BACK = `
local back = tonumber(ARGV[2])
for _, key in ipairs(redis.call('KEYS', '*' .. ARGV[1] .. '*')) do
  if redis.call('TYPE', key).ok == 'zset' then
    for _, member in ipairs(redis.call('ZRANGE', key, 0, -1)) do redis.call('ZINCRBY', key, -back, member) end
  end
  redis.call('PEXPIREAT', key, string.format('%.0f', redis.call('PEXPIRETIME', key) - back))
end
`

t.test('on Redis, whatever three clients and the application do comes out as the model foresees', async (t) => {
  const redis = redisClient(t, await useRedis(t))
  const store = new RedisStore(redis, { prefix: PREFIX })
  await checkModel(
    t,
    travelling(store, (ms) => redis.eval(MOVE_BACK, 0, PREFIX, ms)),
    100,
  )
})
