import t from 'tap'
import { RedisStore } from '../../stores/redis.ts'
import { LIMIT } from '../support/limit.ts'
import { keysOf } from '../support/records.ts'
import { BOTH, DAY, HOUR, indexName, meddle, record } from '../support/redis.ts'
import { clusterSite, counting, interrupted, interrupting } from '../support/redis-cluster.ts'
import { startRedisCluster } from '../support/servers/redis.ts'

t.setTimeout(LIMIT)

const old = Buffer.from('old')

const nodes = await startRedisCluster(t)

const begin = () => clusterSite(t, nodes)

t.test('log out everywhere ends a session that is being moved, at whatever step, and it does not come back', async (t) => {
  const first = begin()
  await first.store.create('old', record('old', 'ada'))
  const { sent } = await interrupted(first, 0, 'before')
  for (let at = 1; at <= sent + 1; at++) {
    const { store, prefix, cluster } = begin()
    await store.create('old', record('old', 'ada'))
    // In the middle of the move, before its n-th command, somebody logs out everywhere.
    let seen = 0
    let ended: number | undefined
    const proxy = new Proxy(cluster, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        return async (...args: unknown[]) => {
          if (name === 'evalshaBuffer' && ++seen === at) ended = await store.deleteOwnedBy('ada')
          return value.apply(target, args)
        }
      },
    })
    const mover = new RedisStore(proxy, { prefix })
    await mover.rename('old', 'new', old, record('new', 'ada'), { key: ';trace', record: record('trace') })
    ended ??= await store.deleteOwnedBy('ada')
    t.equal(ended, 1, `before command ${at}`)
    for (const key of ['old', 'new']) t.equal(await store.find(key, BOTH), undefined, `before command ${at}: ${key}`)
    t.strictSame(await keysOf(store.ownedBy('ada')), [])
    cluster.disconnect()
  }
})

t.test('the index of an owner is written before the session, and outlives every touch', async (t) => {
  const { store, cluster, prefix } = begin()
  const index = indexName(prefix, 'ada')
  let expiresAt = Date.now() + HOUR
  await store.create('key', record('old', 'ada', expiresAt))
  for (let i = 0; i < 40; i++) {
    expiresAt += DAY / 8
    t.equal(await store.touch('key', old, expiresAt), true)
    t.ok(Number(await cluster.zscore(index, 'key')) > expiresAt, `touch ${i}`)
    t.ok((await cluster.pexpiretime(index)) > expiresAt)
  }
  // Each command of a write that changes the owner may be the last that arrives.
  const commands = meddle(cluster)
  await new RedisStore(commands.client, { prefix }).update('key', old, record('new', 'bob'))
  t.strictSame(await keysOf(store.ownedBy('bob')), ['key'])
  for await (const stray of store.ownedBy('ada')) t.equal(stray.record.owner, 'bob', 'it says whose it is now')
  t.equal(await store.deleteOwnedBy('ada'), 0)
  for (let at = 1; at <= commands.sent(); at++) {
    for (const when of ['before', 'after'] as const) {
      const site = begin()
      await site.store.create('key', record('old', 'ada'))
      const cut = new RedisStore(meddle(site.cluster, at, when).client, { prefix: site.prefix })
      await cut.update('key', old, record('new', 'bob')).catch(() => undefined)
      const owner = (await site.store.find('key', BOTH))?.owner ?? ''
      t.match(owner, /ada|bob/)
      t.strictSame(
        (await keysOf(site.store.ownedBy(owner))).filter((key) => key === 'key'),
        ['key'],
        `${when} ${at}`,
      )
      site.cluster.disconnect()
    }
  }
})

t.test('the many sessions of an owner are ended a hundred at a time', async (t) => {
  const { cluster, prefix, store } = begin()
  for (let i = 0; i < 1000; i += 100)
    await Promise.all(Array.from({ length: 100 }, (_, j) => store.create(`key${i + j}`, record('data', 'ada'))))
  const { client, mostOpen } = counting(cluster)
  t.equal(await new RedisStore(client, { prefix }).deleteOwnedBy('ada'), 1000)
  t.equal(mostOpen(), 100)
})

t.test('a session that is written while somebody logs out everywhere is ended or stays in the index', async (t) => {
  const writes: Record<string, (store: RedisStore) => Promise<boolean>> = {
    create: (store) => store.create('key', record('data', 'ada')),
    rename: (store) => store.rename('anonymous', 'key', old, record('data', 'ada')),
    update: (store) => store.update('key', old, record('data', 'ada')),
  }
  for (const [name, write] of Object.entries(writes)) {
    for (let at = 1; at <= 4; at++) {
      const { store, cluster, prefix } = begin()
      await store.create(name === 'update' ? 'key' : 'anonymous', record('old'))
      const client = interrupting(cluster, at, () => store.deleteOwnedBy('ada'))
      t.equal(await write(new RedisStore(client, { prefix })), true)
      const lives = (await store.find('key', BOTH)) !== undefined
      t.strictSame(await keysOf(store.ownedBy('ada')), lives ? ['key'] : [], `${name}, before script ${at}`)
      t.equal(await store.deleteOwnedBy('ada'), Number(lives))
      cluster.disconnect()
    }
  }
})

t.test('an index entry that comes late does not shorten the stay of one that is there', async (t) => {
  const { store, cluster, prefix } = begin()
  await store.create('key', record('old'))
  const longest = Date.now() + 30 * DAY
  const client = interrupting(cluster, 2, () => store.update('key', old, record('theirs', 'eve', longest)))
  t.equal(await new RedisStore(client, { prefix }).update('key', old, record('mine', 'eve')), false)
  t.ok(Number(await cluster.zscore(indexName(prefix, 'eve'), 'key')) > longest)
})

t.test('an index entry stays as long as the session does that somebody else prolonged', async (t) => {
  const { store, cluster, prefix } = begin()
  await store.create('key', record('old', 'ada'))
  const later = Date.now() + 30 * DAY
  await cluster.pexpireat(`${prefix}key`, later)
  t.equal(await store.touch('key', old, Date.now() + 2 * HOUR), true)
  t.ok(Number(await cluster.zscore(indexName(prefix, 'ada'), 'key')) > later)
})
