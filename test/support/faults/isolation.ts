import type { Test } from 'tap'
import { listen } from '../app.ts'
import { randomOf } from '../random.ts'
import { SEED } from '../seed.ts'
import { type DatabaseServer, startDatabase } from './databases.ts'
import { type FaultProxy, startProxy } from './proxy.ts'
import { type FaultSite, startFaultSite } from './site.ts'

const USERS = 200
/** A night has 10,000. */
const REQUESTS = Number(process.env['SCS_REQUESTS'] ?? 3000)
const AT_ONCE = 64
/** The connections are reset after so many bytes of replies, and up to three times as many: ten new ones take a part of that. */
const LEAST_BYTES = 20_000

/** Thousands of requests of 200 users at once, over a network that delays, while clients hang up and connections are reset: nobody sees another. */
export async function isolation(t: Test, database: DatabaseServer): Promise<void> {
  const random = randomOf(SEED)
  const server = await startDatabase(t, database)
  const proxy = await startProxy(t, server.port)
  const site = await startFaultSite(t, await database.connect(t, proxy.port))
  const direct = await startFaultSite(t, await database.connect(t, server.port))
  const url = await listen(t, site.app)
  const tokens = await Promise.all(Array.from({ length: USERS }, (_, i) => direct.login(`user ${i}`)))
  proxy.delay = () => random() * 4
  const seen: Record<string, number> = {}
  let [left, resets] = [REQUESTS, 0]
  const worker = async () => {
    while (left-- > 0) {
      const i = Math.floor(random() * USERS)
      const outcome = await ask({ url, proxy, random }, `user ${i}`, tokens[i] ?? '')
      seen[outcome] = (seen[outcome] ?? 0) + 1
    }
  }
  const resetAgain = () =>
    proxy.after(LEAST_BYTES * (1 + random() * 2), () => {
      resets++
      proxy.reset()
      resetAgain()
    })
  resetAgain()
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  proxy.delay = undefined
  t.comment(`${database.name}: SCS_SEED=${SEED}, ${REQUESTS} requests of ${USERS} users, ${resets} resets: ${JSON.stringify(seen)}`)
  t.strictSame(
    Object.keys(seen).filter((outcome) => !['own', '503', 'hung up'].includes(outcome)),
    [],
    'nothing else happened',
  )
  t.ok((seen['own'] ?? 0) > REQUESTS / 4, 'most were answered')
  await checkAll(t, direct, tokens)
}

interface Network {
  readonly url: string
  readonly proxy: FaultProxy
  readonly random: () => number
}

/** Sends one request, and hangs up on some. What came of it. */
async function ask({ url, proxy, random }: Network, user: string, token: string): Promise<string> {
  const write = random() < 0.4
  const client = new AbortController()
  if (random() < 0.1) proxy.after(Math.floor(random() * 20_000), () => client.abort())
  try {
    const reply = await fetch(url + (write ? '/count' : '/read'), {
      method: write ? 'POST' : 'GET',
      headers: { cookie: `session=${token}` },
      signal: client.signal,
    })
    const body = (await reply.json()) as { user?: string }
    if (reply.headers.get('set-cookie') !== null) return 'a cookie'
    if (reply.status !== 200) return String(reply.status)
    return body.user === user ? 'own' : `${user} saw ${body.user}`
  } catch (error) {
    return client.signal.aborted ? 'hung up' : String(error)
  }
}

async function checkAll(t: Test, site: FaultSite, tokens: readonly string[]): Promise<void> {
  const users = await Promise.all(tokens.map(async (token) => (await site.send('GET', '/read', token)).json().user))
  t.strictSame(
    users,
    tokens.map((_, i) => `user ${i}`),
    'everybody is logged in',
  )
}
