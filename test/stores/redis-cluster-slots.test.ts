import { randomUUID } from 'node:crypto'
import t from 'tap'
import { RedisStore } from '../../stores/redis.ts'
import { LIMIT } from '../support/limit.ts'
import { keysOf } from '../support/records.ts'
import { BOTH, COMMANDS, clusterClient, HOUR, masterOf, moveSlot, record, redisStore } from '../support/redis.ts'
import { clusterSite } from '../support/redis-cluster.ts'
import { startRedisCluster } from '../support/servers/redis.ts'
import { Trips } from '../support/trips.ts'

t.setTimeout(LIMIT)

const old = Buffer.from('old')
const renewed = Buffer.from('new')

const nodes = await startRedisCluster(t)

const begin = () => clusterSite(t, nodes)

t.test('what each verb costs in round trips: no more than three, one for a read, a write and a touch', async (t) => {
  const { cluster, prefix, store: warm } = begin()
  const trips = new Trips()
  const store = new RedisStore(trips.watch(cluster, COMMANDS), { prefix })
  const took = async (verb: () => PromiseLike<unknown>) => {
    await trips.idle()
    trips.count = 0
    await verb()
    return trips.count
  }
  const trace = { key: ';trace', record: record('trace') }
  // Every node learns every script.
  for (let i = 0; i < 40; i++) {
    const [a, b] = [`a${i}`, `b${i}`]
    await warm.create(a, record('old', 'ada'))
    await warm.find(a, BOTH)
    await warm.touch(a, old, Date.now() + 2 * HOUR)
    await warm.rename(a, b, old, record('new', `ada${i}`), { key: `;${a}`, record: trace.record })
    await warm.update(b, renewed, record('newer', `bob${i}`))
    await warm.delete(b)
  }
  const at = Date.now() + HOUR
  t.equal(await took(() => store.create('anonymous', record('old', undefined, at))), 1)
  t.equal(await took(() => store.create('key', record('old', 'ada', at))), 2)
  t.equal(await took(() => store.find('key', { expiry: false })), 1)
  t.equal(await took(() => store.find('key', BOTH)), 1)
  t.equal(await took(() => store.touch('key', old, at + 1)), 1)
  t.equal(await took(() => store.update('key', old, record('new', 'ada', at + 2))), 1)
  t.equal(await took(() => store.rename('key', 'next', renewed, record('newer', 'bob', at), trace)), 3)
  t.equal(await took(() => store.delete('anonymous')), 1)
})

t.test('all slots are listed, each session once, also where the prefix puts all into one', async (t) => {
  const { store, cluster, prefix } = begin()
  const one = new RedisStore(cluster, { prefix: `{${prefix}}:` })
  for (let i = 0; i < 200; i++) {
    for (const each of [store, one]) await each.create(`key${i}`, record('data', 'ada'))
  }
  for (const each of [store, one]) {
    t.equal((await keysOf(each.all())).length, 200)
    t.equal(await each.count(), 200)
    t.equal(await each.deleteOwnedBy('ada', 'key7'), 199)
    t.strictSame(await keysOf(each.all()), ['key7'])
  }
})

t.test('a client that reads from replicas is refused', async (t) => {
  for (const scaleReads of ['slave', 'all', () => undefined] as const) {
    const cluster = clusterClient(t, nodes, { scaleReads: scaleReads as never, lazyConnect: true })
    t.throws(() => redisStore(cluster), { name: 'TypeError', message: /scaleReads must be 'master'/ })
  }
})

t.test('all() misses no session that moves with its slot from a node that it is yet to look at to one that it looked at', async (t) => {
  const { cluster } = begin()
  await cluster.ping()
  const [first, , last] = cluster.nodes('master')
  if (first === undefined || last === undefined) throw new Error('there are three masters')
  let prefix = ''
  let slot = 0
  do {
    prefix = `{${randomUUID()}}:`
    slot = Number(await cluster.cluster('KEYSLOT', `${prefix}key`))
  } while ((await masterOf(cluster, slot)) !== last)
  let moves = 0
  const asked = new Proxy(last, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return async (...args: unknown[]) => {
        if (name === 'scanBuffer' && moves++ === 0) await moveSlot(cluster, slot, first)
        return value.apply(target, args)
      }
    },
  })
  const client = new Proxy(cluster, {
    get(target, name) {
      if (name === 'nodes') return (role: 'master') => target.nodes(role).map((node) => (node === last ? asked : node))
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  const store = new RedisStore(client, { prefix })
  for (let i = 0; i < 20; i++) await store.create(`key${i}`, record('data'))
  t.equal((await keysOf(store.all())).length, 20, 'and gives none twice')
  t.ok(moves > 1)
})

t.test('a slot that is moved to another node is followed', async (t) => {
  const { cluster } = begin()
  // A hash tag, so that there are two sessions in the slot.
  const prefix = `{${randomUUID()}}:`
  const store = new RedisStore(cluster, { prefix })
  await store.create('key', record('old', 'ada'))
  await store.create('other', record('data'))
  const slot = Number(await cluster.cluster('KEYSLOT', `${prefix}key`))
  const masters = cluster.nodes('master')
  const idOf = async (node: (typeof masters)[number]) => String(await node.cluster('MYID'))
  const owned = await Promise.all(masters.map(async (node) => ((await node.cluster('COUNTKEYSINSLOT', slot)) > 0 ? node : undefined)))
  const from = owned.find((node) => node !== undefined)
  const to = masters.find((node) => node !== from)
  if (from === undefined || to === undefined) throw new Error('the slot is nowhere')
  await to.cluster('SETSLOT', slot, 'IMPORTING', await idOf(from))
  await from.cluster('SETSLOT', slot, 'MIGRATING', await idOf(to))
  const keys = await from.cluster('GETKEYSINSLOT', slot, 100)
  await from.migrate('127.0.0.1', Number(to.options.port), '', 0, 60_000, 'KEYS', ...keys)
  // In the middle of the move the driver is told to try again; it does until the slot has arrived.
  const waiting = new RedisStore(cluster, { prefix, wait: { replicas: 1, timeout: 50 } })
  const ending = waiting.delete('other', undefined, Date.now() + 120_000).catch((error: Error) => error.message)
  const early = [store.find('key', BOTH), store.find('key', { expiry: false }), store.touch('key', old, Date.now() + 2 * HOUR)]
  await new Promise((resolve) => setTimeout(resolve, 150))
  for (const node of masters) await node.cluster('SETSLOT', slot, 'NODE', await idOf(to))
  const [found, bytes, touched] = await Promise.all(early)
  t.match(await ending, /0 of 1 replicas/, 'it was led on as well, and there is no replica')
  t.match(found, { data: old, owner: 'ada' })
  t.match(bytes, { data: old })
  t.equal(touched, true)
  t.equal(await store.update('key', old, record('new', 'ada')), true)
  t.equal(await store.rename('key', 'next', renewed, record('newer', 'ada'), { key: ';trace', record: record('trace') }), true)
  t.strictSame(await keysOf(store.ownedBy('ada')), ['next'])
})
