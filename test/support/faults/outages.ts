import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Test } from 'tap'
import { type DatabaseServer, startDatabase } from './databases.ts'
import { startProxy } from './proxy.ts'
import { startFaultSite } from './site.ts'
import { checkStories, startTraffic } from './traffic.ts'
import { eventually } from './wait.ts'

/** The server is killed in the middle of traffic, stays away for a while, and comes back with what it had acknowledged. */
export async function killedInTraffic(t: Test, database: DatabaseServer): Promise<void> {
  const server = await startDatabase(t, database)
  const site = await startFaultSite(t, await database.connect(t, server.port))
  const traffic = await startTraffic(t, site, 20)
  for (let round = 0; round < 3; round++) {
    await traffic.answered(200, 60)
    await server.kill()
    await traffic.answered(503, 20)
    await server.restart()
  }
  await traffic.answered(200, 60)
  await traffic.stop()
  await checkStories(t, site, traffic)
}

/** Every connection is reset again and again in the middle of traffic. */
export async function resetInTraffic(t: Test, database: DatabaseServer): Promise<void> {
  const server = await startDatabase(t, database)
  const proxy = await startProxy(t, server.port)
  const site = await startFaultSite(t, await database.connect(t, proxy.port))
  const traffic = await startTraffic(t, site, 20, 1)
  for (let round = 0; round < 20; round++) {
    await traffic.answered(200, 10)
    proxy.reset()
  }
  await traffic.stop()
  await checkStories(t, site, traffic)
}

const WAVE = 1000

/** A server that accepts and never answers: every request is answered with a 503 in its time, and nothing is left of it. */
export async function blackHole(t: Test, database: DatabaseServer): Promise<void> {
  const server = await startDatabase(t, database)
  const proxy = await startProxy(t, server.port)
  const storeTimeout = 1000
  const store = await database.connect(t, proxy.port)
  const site = await startFaultSite(t, store, { storeTimeout })
  const patient = await startFaultSite(t, store)
  const token = await patient.login('ada')
  proxy.silent = true
  const late: number[] = []
  const sizes: number[] = []
  const request = async (i: number) => {
    // They come one after the other, and all wait at the same time.
    await sleep((i / WAVE) * 800)
    const start = performance.now()
    const reply = await site.send(i % 2 ? 'GET' : 'POST', i % 2 ? '/read' : '/count', token)
    late.push(performance.now() - start - storeTimeout)
    if (reply.statusCode !== 503) t.equal(reply.statusCode, 503, reply.body)
  }
  for (let wave = 0; wave < 6; wave++) {
    await Promise.all(Array.from({ length: WAVE }, (_, i) => request(i)))
    sizes.push(heapAfterCollection())
  }
  late.sort((a, b) => a - b)
  const [median, most] = [late[late.length / 2], late.at(-1)].map((time) => Math.round(time ?? 0))
  t.comment(
    `${database.name}: ${late.length} requests, answered ${median} ms after their budget, at the most ${most}; heap ${sizes.join(', ')} MB`,
  )
  t.equal(late.length, 6 * WAVE, 'every request was answered')
  // What a request holds would be some 10 MB a wave; a driver may keep the commands that it sent.
  t.ok(((sizes[5] ?? 0) - (sizes[1] ?? 0)) / 4 < 4, 'the memory is flat')
  proxy.silent = false
  proxy.reset()
  t.equal(await eventually(async () => (await patient.send('GET', '/read', token)).json().user), 'ada', 'the same cookie works again')
}

/**
 * The one connection of the pool waits for a lock that somebody else holds, and other requests wait for the connection: all are answered, and of
 * what had not been sent nothing is carried out afterwards.
 */
export async function exhaustedPool(
  t: Test,
  database: DatabaseServer,
  lock: (port: number) => Promise<() => Promise<void>>,
): Promise<void> {
  const server = await startDatabase(t, database)
  const store = await database.connect(t, server.port, 1)
  const site = await startFaultSite(t, store, { storeTimeout: 300 })
  const patient = await startFaultSite(t, store)
  const token = await patient.login('ada')
  await patient.send('POST', '/count', token)
  const release = await lock(server.port)
  const urls = ['/read', '/count', '/count', '/renew', '/logout']
  const replies = await Promise.all(urls.map((url) => site.send(url === '/read' ? 'GET' : 'POST', url, token)))
  t.strictSame(
    replies.map(({ statusCode }) => statusCode),
    urls.map(() => 503),
  )
  await release()
  const read = async () => {
    const reply = await patient.send('GET', '/read', token)
    return reply.statusCode === 200 ? reply.json() : undefined
  }
  // On the one connection there is, whatever was sent before a read is carried out before it.
  t.strictSame(await eventually(read), { user: 'ada', count: 1 }, 'nobody was logged out')
  t.strictSame(await read(), { user: 'ada', count: 1 })
}

function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return Math.round(process.memoryUsage().heapUsed / 2 ** 20)
}
