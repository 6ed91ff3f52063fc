import type { Test } from 'tap'
import type { SessionStore } from '../../../types/store.ts'
import { type DatabaseServer, startDatabase } from './databases.ts'
import { type FaultProxy, type Loss, startProxy } from './proxy.ts'
import { type FaultSite, startFaultSite } from './site.ts'

const STORE_TIMEOUT = 1000
/**
 * Within so long after the loss of its connections to a server a store works again: a limit, twice what it takes. A driver learns of several servers one
 * after the other, as it asks them.
 */
const RECOVERED = STORE_TIMEOUT + 5000
/** A token that nobody has, for which the store is asked all the same. */
const UNKNOWN = 'x'.repeat(43)
const LOSSES: readonly Loss[] = ['requests', 'replies', 'both']

/** A store behind a proxy, and what it warned of. */
interface Behind {
  readonly store: SessionStore
  readonly proxy: FaultProxy
  /** Gives up the store after a second. */
  readonly site: FaultSite
  /** Has all the time that is needed. */
  readonly patient: FaultSite
  readonly warnings: string[]
}

/** How a test connects: to a port, by a client that ends with it. */
export type Connect = (t: Test, port: number) => SessionStore | Promise<SessionStore>

/** Starts a database, and a store on it through a proxy. */
export async function behindProxy(t: Test, database: DatabaseServer, connect: Connect): Promise<Behind> {
  const server = await startDatabase(t, database)
  const proxy = await startProxy(t, server.port)
  const store = await connect(t, proxy.port)
  const warnings: string[] = []
  store.attach?.({ log: { warn: (_, message) => void warnings.push(message) } })
  const site = await startFaultSite(t, store, { storeTimeout: STORE_TIMEOUT })
  return { store, proxy, site, patient: await startFaultSite(t, store), warnings }
}

/** All connections go silent at once and none is ever reset, while new ones work: the store notices by itself, in each direction. */
export async function silentLoss(t: Test, database: DatabaseServer, connect: Connect): Promise<void> {
  const { proxy, store } = await behindProxy(t, database, connect)
  await loseSilently(t, store, [proxy])
}

/** The same of a store behind several proxies. */
export async function loseSilently(t: Test, store: SessionStore, proxies: readonly FaultProxy[]): Promise<void> {
  const warnings: string[] = []
  store.attach?.({ log: { warn: (_, message) => void warnings.push(message) } })
  const site = await startFaultSite(t, store, { storeTimeout: STORE_TIMEOUT })
  const patient = await startFaultSite(t, store)
  const freeze = (loss: Loss) => {
    for (const proxy of proxies) proxy.freeze(loss)
  }
  for (const loss of LOSSES) {
    const token = await patient.login('ada')
    // Every connection of the pool is open, and most are idle then.
    await Promise.all(Array.from({ length: 20 }, () => patient.send('GET', '/read', token)))
    freeze(loss)
    const statuses = await untilRecovered(t, site, token, proxies.length)
    t.ok(statuses.includes(503), `${loss}: the loss was felt: ${statuses}`)
    t.equal((await patient.send('GET', '/read', token)).json().user, 'ada', 'nobody is logged out')
    // With statements under way on all of them.
    freeze(loss)
    await Promise.all(Array.from({ length: 20 }, (_, i) => site.send(i % 2 ? 'GET' : 'POST', i % 2 ? '/read' : '/count', token)))
    await untilRecovered(t, site, token, proxies.length)
  }
  t.strictSame(warnings, [], 'nothing to warn of')
}

/** Sends one request after the other until one is answered. What they were answered. */
export async function untilRecovered(t: Test, site: FaultSite, token: string, servers = 1): Promise<number[]> {
  const statuses: number[] = []
  const lost = Date.now()
  do {
    statuses.push((await site.send('POST', '/count', token)).statusCode)
  } while (statuses.at(-1) !== 200 && Date.now() < lost + servers * RECOVERED)
  t.equal(statuses.at(-1), 200, `recovered, after ${Date.now() - lost} ms: ${statuses}`)
  return statuses
}

/**
 * A connection that is no pool's goes silent: every request is answered in its time, and when the network comes back so does the store. Nothing
 * replaces the connection before that, and a warning says so.
 */
export async function silentSingle(t: Test, database: DatabaseServer, connect: Connect): Promise<void> {
  const { store, proxy, site, patient, warnings } = await behindProxy(t, database, connect)
  t.match(warnings, [/a single (client|connection) cannot be replaced/])
  const token = await patient.login('ada')
  proxy.pause()
  for (let round = 0; round < 2; round++) {
    const replies = await Promise.all(Array.from({ length: 20 }, () => site.send('GET', '/read', token)))
    t.strictSame(new Set(replies.map(({ statusCode }) => statusCode)), new Set([503]))
  }
  await t.rejects(async () => store.find('key', { expiry: false }, Date.now() + 50), /was not sent/, 'no verb waits longer than its caller')
  proxy.resume()
  await untilRecovered(t, site, token)
}

/** A server that is silent while connections are opened: no verb waits longer than its caller, and the store works again when the server does. */
export async function silentConnecting(t: Test, database: DatabaseServer, connect: Connect): Promise<void> {
  const { store, proxy, site, warnings } = await behindProxy(t, database, connect)
  proxy.silent = true
  await t.rejects(async () => store.find('key', { expiry: false }, Date.now() + 50), /was not sent/)
  const replies = await Promise.all(Array.from({ length: 20 }, () => site.send('GET', '/read', UNKNOWN)))
  t.strictSame(new Set(replies.map(({ statusCode }) => statusCode)), new Set([503]))
  proxy.silent = false
  await untilRecovered(t, site, UNKNOWN)
  t.strictSame(warnings, [])
}
