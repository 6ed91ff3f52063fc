import { randomUUID } from 'node:crypto'
import type { Cluster } from 'ioredis'
import t from 'tap'
import { RedisStore } from '../../stores/redis.ts'
import { LIMIT } from '../support/limit.ts'
import { keysOf } from '../support/records.ts'
import { COMMANDS, clusterClient, indexName, masterOf, meddle, moveSlot, record, redisStore } from '../support/redis.ts'
import { startRedisCluster } from '../support/servers/redis.ts'
import { Trips } from '../support/trips.ts'

t.setTimeout(LIMIT)

const HOUR = 3_600_000
const DAY = 24 * HOUR
const BOTH = { expiry: true }
const old = Buffer.from('old')
const renewed = Buffer.from('new')

const nodes = await startRedisCluster(t)

/** A cluster's client, and names that no other test has. */
function begin(): { cluster: Cluster; prefix: string; store: RedisStore } {
  const cluster = clusterClient(t, nodes)
  const prefix = `${randomUUID()}:`
  return { cluster, prefix, store: new RedisStore(cluster, { prefix }) }
}

/** A rename from `old` to `new` that loses the connection at its n-th command. How many it sent, and whether it threw. */
async function interrupted({ cluster, prefix }: ReturnType<typeof begin>, at: number, when: 'before' | 'after') {
  const meddled = meddle(cluster, at, when)
  const store = new RedisStore(meddled.client, { prefix })
  const next = record('new', 'ada', Date.now() + HOUR)
  const trace = { key: ';trace', record: record('trace') }
  const answer = await store.rename('old', 'new', old, next, trace).catch(() => undefined)
  await meddled.idle()
  return { answer, sent: meddled.sent(), next }
}

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

t.test('the many sessions of an owner are ended a hundred at a time', async (t) => {
  const { cluster, prefix, store } = begin()
  for (let i = 0; i < 1000; i += 100)
    await Promise.all(Array.from({ length: 100 }, (_, j) => store.create(`key${i + j}`, record('data', 'ada'))))
  const { client, mostOpen } = counting(cluster)
  t.equal(await new RedisStore(client, { prefix }).deleteOwnedBy('ada'), 1000)
  t.equal(mostOpen(), 100)
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

/** A client that knows how many scripts were with the driver at most. */
function counting(cluster: Cluster): { client: Cluster; mostOpen: () => number } {
  let open = 0
  let most = 0
  const client = new Proxy(cluster, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      if (name !== 'evalshaBuffer') return value.bind(target)
      return (...args: unknown[]) => {
        most = Math.max(most, ++open)
        return value.apply(target, args).finally(() => open--)
      }
    },
  })
  return { client, mostOpen: () => most }
}

/** A client that does something before its n-th script. */
function interrupting(cluster: Cluster, at: number, work: (args: unknown[]) => Promise<unknown>): Cluster {
  let seen = 0
  return new Proxy(cluster, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return async (...args: unknown[]) => {
        if (name === 'evalshaBuffer' && ++seen === at) await work(args)
        return value.apply(target, args)
      }
    },
  })
}

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

t.test('an index entry stays as long as the session does that somebody else prolonged', async (t) => {
  const { store, cluster, prefix } = begin()
  await store.create('key', record('old', 'ada'))
  const later = Date.now() + 30 * DAY
  await cluster.pexpireat(`${prefix}key`, later)
  t.equal(await store.touch('key', old, Date.now() + 2 * HOUR), true)
  t.ok(Number(await cluster.zscore(indexName(prefix, 'ada'), 'key')) > later)
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
