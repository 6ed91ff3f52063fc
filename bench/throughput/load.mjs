import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { start } from '../../test/support/children.mjs'
import { mean, sum } from '../runner.mjs'
import { awake } from './awake.mjs'
import { cases } from './cases.mjs'
import { isInSlowMode, profileOf } from './perf.mjs'
import { variants } from './variants.mjs'

const SCRIPT = fileURLToPath(new URL('wrk.lua', import.meta.url))

const isInstalled = () => spawnSync('wrk', ['-v']).error === undefined

/** wrk costs a fraction of what the servers cost, so that they are the limit, and can look at each reply. */
export function installWrk() {
  if (isInstalled()) return
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  const [command, ...args] = [...sudo, 'apt-get', '-qq', 'install', '-y', 'wrk']
  spawnSync(command, args, { stdio: 'inherit' })
  if (!isInstalled()) throw new Error('The load comes from wrk, which is not installed here: apt-get install wrk, or brew install wrk')
}

/**
 * Sends requests for so many seconds; returns the replies a second, and the median and 99th percentile of their times in microseconds. Throws when
 * one reply was not what it must be.
 *
 * @param pattern what each body has to match, as Lua writes patterns
 * @param env the client's environment
 */
async function drive({ port, method, path, pattern, cookies, seconds, connections, env }) {
  const url = `http://127.0.0.1:${port}`
  const options = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', SCRIPT, url]
  const child = start('client', ['wrk', ...options, '--', method, path, '200', pattern, ...cookies], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  })
  let output = ''
  child.stdout.on('data', (text) => {
    output += text
  })
  await once(child, 'close')
  const line = output.split('\n').find((each) => each.startsWith('{'))
  if (line === undefined) throw new Error(`wrk said ${output}`)
  const { requests, seconds: took, failed, wrong, p50, p99 } = JSON.parse(line)
  if (failed + wrong > 0) throw new Error(`of ${requests} requests to ${url}${path} ${failed} failed and ${wrong} had a wrong reply`)
  return { requests, rate: requests / took, p50, p99 }
}

/** Calls a server once: its body, and the session cookie that was set, if any. */
async function call({ variant, port }, method, path, cookie) {
  const reply = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers: cookie === undefined ? {} : { cookie } })
  const body = await reply.text()
  if (!reply.ok) throw new Error(`${variant}: ${method} ${path} was answered with ${reply.status} ${body}`)
  return { body, cookie: reply.headers.getSetCookie()[0]?.split(';')[0] }
}

/** So many cookies, each of a session of its own. Where nothing is kept, they look like a session's. */
async function logIn(server, path, count) {
  const { keepsSessions = false } = variants[server.variant]
  const cookies = []
  for (let i = 0; i < count; i++) {
    const { cookie } = await call(server, 'POST', path)
    if (keepsSessions === (cookie === undefined)) throw new Error(`${server.variant}: the login set the cookie ${cookie}`)
    cookies.push(cookie ?? `session=${String(i).padStart(43, 'x')}`)
  }
  if (new Set(cookies).size !== count) throw new Error(`${server.variant}: two clients got one session`)
  return cookies
}

/** Holds the replies of a server in a case against what they must be. */
async function checkReplies(server, name) {
  const { login, check, checkSessions } = cases[name]
  const caller = (method, path, cookie) => call(server, method, path, cookie)
  const cookieOf = async () => (login === undefined ? undefined : (await logIn(server, login, 1))[0])
  await check(caller, await cookieOf())
  if (variants[server.variant].keepsSessions) await checkSessions?.(caller, await cookieOf())
}

/** Loads a server in a case for so many seconds, from clients that have just logged in: one more than send, for wrk asks for a request that it only looks at. */
async function load(server, name, { seconds, connections }, around = (work) => work()) {
  const { request, pattern, login } = cases[name]
  const cookies = login === undefined ? [] : await logIn(server, login, connections + 1)
  // A database shares the client's core, and needs it.
  const env = variants[server.variant].database === undefined ? awake() : undefined
  return await around(() => drive({ ...request, port: server.port, pattern, cookies, seconds, connections, env }))
}

/** Requests until the compiler has seen enough of what is measured, and at most so many seconds of them. */
const [WARM_UP, LONGEST] = [40_000, 6]

/** Not for a fixed time, in which a slow server would have compiled less than a fast one. */
async function warmUp(server, name, connections) {
  const { rate } = await load(server, name, { seconds: 1, connections })
  const seconds = Math.min(LONGEST, Math.ceil(WARM_UP / rate)) - 1
  if (seconds > 0) await load(server, name, { seconds, connections })
}

/** Of numbers the mean of the lowest quarter. */
const lowQuarter = (numbers) => mean([...numbers].sort((a, b) => a - b).slice(0, Math.ceil(numbers.length / 4)))

/**
 * The processor time of a request, in microseconds, in the windows in which it was least: a neighbour on the machine disturbs some windows and not others. Those
 * in which the load began or ended are left out. And the time that was spent in the program and in the kernel, in all windows.
 */
function usedIn(windows) {
  const most = Math.max(...windows.map(({ requests }) => requests))
  const full = windows.filter(({ requests }) => requests > most / 2)
  const total = lowQuarter(full.map(({ user, system, requests }) => (user + system) / requests))
  return { total, inProgram: sum(windows.map(({ user }) => user)), inKernel: sum(windows.map(({ system }) => system)) }
}

/**
 * A server that has just started, in a case: replies a second, their times, and what `usedIn` says. `isSlow` says whether Node is in its slow mode, where that was
 * asked for and could be seen.
 */
export async function measure(server, name, { seconds, connections, seesMode }) {
  await checkReplies(server, name)
  await warmUp(server, name, connections)
  const { requests: _, ...sample } = await load(server, name, { seconds, connections }, async (work) => {
    await server.ask('windows')
    const done = await work()
    return { ...done, ...usedIn(await server.ask('windows')) }
  })
  if (!seesMode) return sample
  return { ...sample, isSlow: await load(server, name, { seconds: 1, connections }, (work) => isInSlowMode(server.pid, work)) }
}

/**
 * Samples of one variant, with the time of a request in the program (`user`) and in the kernel (`system`). The sum of both is exact, but the kernel divides it by
 * looking 250 times a second, which for one start is right to a few percent, so it is divided as all starts together were.
 */
export function divided(samples) {
  const [inProgram, inKernel] = ['inProgram', 'inKernel'].map((key) => sum(samples.map((sample) => sample[key])))
  const share = inProgram / (inProgram + inKernel)
  return samples.map(({ total, inProgram: _, inKernel: __, ...sample }) => ({
    ...sample,
    user: total * share,
    system: total * (1 - share),
  }))
}

/** Where such a server spends its time. */
export async function measureProfile(server, name, folder, { seconds, connections }) {
  await warmUp(server, name, connections)
  return await load(server, name, { seconds, connections }, (work) => profileOf(server.pid, folder, work))
}
