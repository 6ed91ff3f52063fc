import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { listen } from '../app.ts'
import { randomOf } from '../random.ts'
import { SEED } from '../seed.ts'
import { type Engine, startEngine } from './engines.ts'
import { startProxy } from './proxy.ts'
import { type FaultSite, startFaultSite } from './site.ts'

const USERS = 500
const REQUESTS = 10_000
const AT_ONCE = 64

/** 10,000 requests of 500 users at once, over a network that delays, while clients hang up and connections are reset: nobody sees another. */
export async function isolation(t: Test, engine: Engine): Promise<void> {
  const random = randomOf(SEED)
  const server = await startEngine(t, engine)
  const proxy = await startProxy(t, server.port)
  const site = await startFaultSite(t, await engine.connect(t, proxy.port), { storeTimeout: 2000 })
  const direct = await startFaultSite(t, await engine.connect(t, server.port))
  const url = await listen(t, site.app)
  const tokens = await Promise.all(Array.from({ length: USERS }, (_, i) => direct.login(`user ${i}`)))
  proxy.delay = () => random() * 4
  const seen: Record<string, number> = {}
  let [left, resetting] = [REQUESTS, true]
  const worker = async () => {
    while (left-- > 0) {
      const i = Math.floor(random() * USERS)
      const outcome = await ask(url, `user ${i}`, tokens[i] ?? '', random)
      seen[outcome] = (seen[outcome] ?? 0) + 1
    }
  }
  const resets = async () => {
    for (; resetting; await sleep(100 + random() * 200)) proxy.reset()
  }
  const ending = resets()
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  resetting = false
  await ending
  proxy.delay = undefined
  t.comment(`${engine.name}: SCS_SEED=${SEED}, ${REQUESTS} requests of ${USERS} users: ${JSON.stringify(seen)}`)
  t.strictSame(
    Object.keys(seen).filter((outcome) => !['own', '503', 'hung up'].includes(outcome)),
    [],
    'nothing else happened',
  )
  t.ok((seen['own'] ?? 0) > REQUESTS / 4, 'most were answered')
  await checkAll(t, direct, tokens)
}

/** Sends one request, and hangs up on some. What came of it. */
async function ask(url: string, user: string, token: string, random: () => number): Promise<string> {
  const write = random() < 0.4
  const abort = random() < 0.1 ? AbortSignal.timeout(Math.floor(random() * 15)) : undefined
  try {
    const reply = await fetch(url + (write ? '/count' : '/read'), {
      method: write ? 'POST' : 'GET',
      headers: { cookie: `session=${token}` },
      ...(abort === undefined ? {} : { signal: abort }),
    })
    const body = (await reply.json()) as { user?: string }
    if (reply.headers.get('set-cookie') !== null) return 'a cookie'
    if (reply.status !== 200) return String(reply.status)
    return body.user === user ? 'own' : `${user} saw ${body.user}`
  } catch (error) {
    return abort?.aborted ? 'hung up' : String(error)
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
