import type { Test } from 'tap'
import { cookieOf } from '../app.ts'
import { SEED } from '../seed.ts'
import { type DatabaseServer, startDatabase } from './databases.ts'
import { type FaultProxy, startProxy } from './proxy.ts'
import { type FaultSite, type Reply, startFaultSite } from './site.ts'

const KINDS = ['/read', '/count', '/renew', '/logout'] as const
type Kind = (typeof KINDS)[number]

/** What happened to one request whose connection was reset after so many bytes of replies. */
interface Cut {
  readonly site: FaultSite
  readonly user: string
  readonly token: string
  readonly reply: Reply
}

const request = (site: FaultSite, kind: Kind, token: string) => site.send(kind === '/read' ? 'GET' : 'POST', kind, token)

/** Of so many numbers of bytes one is tried, another with another seed: a cut takes 40 ms, and few numbers differ from the next. */
const STEP = 4

/** Resets the connection after a number of bytes of what the server answers to a request, for each kind of request. */
export async function cutsInReplies(t: Test, database: DatabaseServer): Promise<void> {
  const server = await startDatabase(t, database)
  const proxy = await startProxy(t, server.port)
  // One connection, so that it is known which one is cut.
  const site = await startFaultSite(t, await database.connect(t, proxy.port, 1))
  const direct = await startFaultSite(t, await database.connect(t, server.port, 1))
  const answered: Record<number, number> = {}
  let cuts = 0
  for (const kind of KINDS) {
    const size = await replySize(site, direct, proxy, kind)
    t.ok(size > 10, `${kind}: ${size} bytes`)
    for (let bytes = SEED % STEP; bytes < size; bytes += STEP) {
      const user = `${kind} ${bytes}`
      const token = await direct.login(user)
      // On a connection that knows the statements already, so that it is the answer to this request which is cut.
      await request(site, kind, await direct.login('warm'))
      proxy.replyBytes = bytes
      const isCut = proxy.cut().then(() => cuts++)
      const reply = request(site, kind, token)
      // Once it was cut, the next connection is whole.
      await Promise.race([isCut, reply])
      proxy.replyBytes = Number.POSITIVE_INFINITY
      const cut = { site: direct, user, token, reply: await reply }
      answered[cut.reply.statusCode] = (answered[cut.reply.statusCode] ?? 0) + 1
      await check(t, kind, cut, bytes)
    }
  }
  t.comment(`${database.name}: ${cuts} connections reset, answered ${JSON.stringify(answered)}`)
  t.ok((answered[200] ?? 0) > 20 / STEP, 'a write that was made although its answer was lost is found to be made')
}

async function replySize(site: FaultSite, direct: FaultSite, proxy: FaultProxy, kind: Kind): Promise<number> {
  // The statements and scripts are known by then.
  for (let i = 0; i < 3; i++) await request(site, kind, await direct.login('warm'))
  const token = await direct.login('size')
  const before = proxy.passed
  await request(site, kind, token)
  return proxy.passed - before
}

/** Nobody is logged out by it or sees another, every error is a 503, and what was answered holds. */
async function check(t: Test, kind: Kind, { site, user, token, reply }: Cut, bytes: number): Promise<void> {
  const name = `${kind}, reset after ${bytes} bytes: ${reply.statusCode}`
  if (reply.statusCode !== 200 && reply.statusCode !== 503) return void t.fail(`${name} ${reply.body}`)
  const ok = reply.statusCode === 200
  if (ok && kind !== '/logout') equal(t, reply.json().user, user, name)
  if (!ok) equal(t, cookieOf(reply), undefined, `${name}: no cookie`)
  const then = (await site.send('GET', '/read', token)).json()
  if (kind === '/renew' && ok) {
    equal(t, then.user, undefined, `${name}: the old token is dead`)
    equal(t, (await site.send('GET', '/read', cookieOf(reply))).json().user, user, `${name}: the new one works`)
  } else if (kind === '/logout') {
    // A logout that could not be confirmed may have happened.
    if (ok || then.user !== undefined) equal(t, then.user, ok ? undefined : user, name)
  } else {
    equal(t, then.user, user, `${name}: logged in`)
    if (kind === '/count' && ok) equal(t, then.count, 1, name)
    if (kind === '/count' && !ok && then.count !== undefined) equal(t, then.count, 1, name)
  }
}

/** Thousands of assertions that hold say nothing: those that fail do. */
function equal(t: Test, found: unknown, wanted: unknown, name: string): void {
  if (found !== wanted) t.equal(found, wanted, name)
}
