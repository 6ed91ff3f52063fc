import t from 'tap'
import { RedisStore } from '../../stores/redis.ts'
import { LIMIT } from '../support/limit.ts'
import { keysOf } from '../support/records.ts'
import { BOTH, HOUR, indexName, record } from '../support/redis.ts'
import { clusterSite, counting, interrupted, interrupting } from '../support/redis-cluster.ts'
import { startRedisCluster } from '../support/servers/redis.ts'

t.setTimeout(LIMIT)

const old = Buffer.from('old')
const renewed = Buffer.from('new')

const nodes = await startRedisCluster(t)

const begin = () => clusterSite(t, nodes)

t.test(
  'wherever a rename is cut off, one key works and not the other, the trace is there when the old key is dead, and the owner ends it',
  async (t) => {
    const first = begin()
    await first.store.create('old', record('old', 'ada'))
    const { sent } = await interrupted(first, 0, 'before')
    t.ok(sent >= 6, `${sent} commands`)
    let moved = 0
    for (let at = 1; at <= sent; at++) {
      for (const when of ['before', 'after'] as const) {
        for (const look of ['find', 'owner', 'delete', 'repeat', 'update'] as const) {
          const site = begin()
          const { store, cluster } = site
          await store.create('old', record('old', 'ada'))
          const { answer, next } = await interrupted(site, at, when)
          const name = `cut off ${when} command ${at}, then ${look}: answered ${answer}`
          const [before, after] = [await store.find('old', { expiry: false }), look === 'find' ? await store.find('new', BOTH) : undefined]
          if (look === 'find') {
            t.equal((before === undefined) !== (after === undefined), true, name)
            t.equal((await store.find(';trace', { expiry: false })) !== undefined, after !== undefined, name)
            if (after) t.strictSame([after.expiresAt, after.owner], [next.expiresAt, 'ada'], name)
            t.strictSame(await keysOf(store.ownedBy('ada')), [after ? 'new' : 'old'], name)
            if (answer) t.ok(after, name)
            if (after) moved++
          } else if (look === 'owner') {
            t.equal(await store.deleteOwnedBy('ada'), 1, name)
          } else if (look === 'delete') {
            t.equal((await store.delete('old')) !== (await store.delete('new')), true, name)
          } else if (look === 'update') {
            const [here, there] = [await store.update('old', old, record('x')), await store.update('new', renewed, record('x'))]
            t.equal(here !== there, true, name)
            continue
          } else {
            // As the manager does, or a driver that sends a command again.
            const again = await store.rename('old', 'new', old, next, { key: ';trace', record: record('trace') })
            t.equal(again, true, name)
            t.strictSame(await keysOf(store.ownedBy('ada')), ['new'], name)
            continue
          }
          if (look !== 'find') {
            for (const key of ['old', 'new']) t.equal(await store.find(key, BOTH), undefined, `${name}: ${key} stays dead`)
            t.strictSame(await keysOf(store.ownedBy('ada')), [], name)
          }
          cluster.disconnect()
        }
      }
    }
    t.ok(moved > 0 && moved < sent * 2, `${moved} of ${sent * 2} had moved`)
  },
)

t.test('a trace that was ended does not come back with a renewal that lost', async (t) => {
  const { store } = begin()
  await store.create('old', record('old', 'ada'))
  const trace = () => ({ key: ';trace', record: record('trace') })
  t.equal(await store.rename('old', 'new', old, record('new', 'ada'), trace()), true)
  t.equal(await store.delete(';trace'), true)
  t.equal(await store.rename('old', 'other', old, record('other', 'ada'), trace()), false)
  for (const key of [';trace', 'other', 'old']) t.equal(await store.find(key, BOTH), undefined, key)
})

t.test('an announcement that arrives again, after what was moved has ended, revives nothing', async (t) => {
  const { store, cluster, prefix } = begin()
  await store.create('old', record('old', 'ada'))
  let announcement: unknown[] = []
  const client = interrupting(cluster, 1, async (args) => {
    announcement = args
  })
  t.equal(await new RedisStore(client, { prefix }).rename('old', 'new', old, record('new', 'ada')), true)
  t.equal(await store.delete('new'), true)
  await Reflect.get(cluster, 'evalshaBuffer').apply(cluster, announcement)
  t.equal(await store.find('new', BOTH), undefined)
  t.equal(await store.rename('old', 'new', old, record('new', 'ada')), false, 'nor does the whole command')
  t.equal(await store.find('new', BOTH), undefined)
})

t.test('what was decided is carried out, whatever the time', async (t) => {
  const { store, cluster, prefix } = begin()
  await store.create('old', record('old'))
  const real = Date.now
  t.teardown(() => {
    Date.now = real
  })
  // While the decision is on its way, the time is up.
  const client = interrupting(cluster, 2, async () => {
    Date.now = () => real() + HOUR
  })
  t.equal(await new RedisStore(client, { prefix }).rename('old', 'new', old, record('new'), undefined, real() + HOUR), true)
  Date.now = real
  t.equal(await cluster.get(`${prefix}new`), 'new', 'it need not be looked for first')
})

t.test('however many sessions are renewed at once, a thousand commands are with the driver, and none waits for another', async (t) => {
  const { store, cluster, prefix } = begin()
  const keys = Array.from({ length: 1200 }, (_, i) => `key${i}`)
  await Promise.all(keys.map((key) => store.create(key, record('old', 'ada'))))
  const { client, mostOpen } = counting(cluster)
  const mover = new RedisStore(client, { prefix })
  const trace = (key: string) => ({ key: `;${key}`, record: record('trace') })
  const moves = keys.map((key) => mover.rename(key, `new-${key}`, old, record('new', 'ada'), trace(key)))
  t.strictSame(new Set(await Promise.all(moves)), new Set([true]))
  t.equal(mostOpen(), 1000)
  t.equal(await store.deleteOwnedBy('ada'), keys.length)
})

t.test('a session that came back to a key is not looked for where it went before', async (t) => {
  const { store, cluster, prefix } = begin()
  await store.create('a', record('old', 'ada'))
  t.equal(await store.rename('a', 'b', old, record('new', 'ada')), true)
  t.equal(await store.rename('b', 'a', renewed, record('old', 'ada')), true)
  t.equal(await store.delete('a'), true)
  // As in a list that was read before.
  await cluster.zadd(indexName(prefix, 'ada'), Date.now() + HOUR, 'a', Date.now() + HOUR, 'b')
  t.strictSame(await keysOf(store.ownedBy('ada')), [])
  t.equal(await store.deleteOwnedBy('ada'), 0)
})

t.test('a renewal that is repeated is one also where its moment has parts of a millisecond', async (t) => {
  const { store } = begin()
  const next = record('new', 'ada', Date.now() + HOUR + 0.5)
  await store.create('old', record('old', 'ada'))
  for (let i = 0; i < 2; i++) t.equal(await store.rename('old', 'new', old, next), true)
})

t.test('whoever waits to a part of a millisecond, or for ever, may renew', async (t) => {
  const { store } = begin()
  await store.create('a', record('old', 'ada'))
  t.equal(await store.rename('a', 'b', old, record('old', 'ada'), undefined, Date.now() + 5000.25), true)
  t.equal(await store.rename('b', 'c', old, record('old', 'ada'), undefined, Number.POSITIVE_INFINITY), true)
  t.equal(await store.deleteOwnedBy('ada', undefined, Number.POSITIVE_INFINITY), 1)
})

t.test('what could not be written is refused before anything is sent', async (t) => {
  const { store, cluster, prefix } = begin()
  await store.create('old', record('old', 'ada'))
  const wrong = { ...record('new', 'ada'), expiresAt: Number.POSITIVE_INFINITY }
  for (const rename of [
    () => store.rename('old', 'new', old, wrong),
    () => store.rename('old', 'new', old, record('new', 'ada'), { key: ';trace', record: wrong }),
    () => store.rename('old', 'new', old, record('new', 'ada'), { key: 'a key', record: record('trace') }),
    () => store.rename('an old key', 'new', old, record('new', 'ada')),
  ])
    await t.rejects(rename, RangeError)
  t.ok(await store.find('old', BOTH))
  t.strictSame(await cluster.zrange(indexName(prefix, 'ada'), '0', '-1'), ['old'])
})
