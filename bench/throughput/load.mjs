import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { start } from '../../test/support/children.mjs'
import { cases } from './cases.mjs'
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
 */
async function drive({ port, method, path, pattern, cookies, seconds, connections }) {
  const url = `http://127.0.0.1:${port}`
  const options = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', SCRIPT, url]
  const child = start('client', ['wrk', ...options, '--', method, path, '200', pattern, ...cookies], {
    stdio: ['ignore', 'pipe', 'inherit'],
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

/** A cookie for each client. Where nothing is kept, one that looks like a session's. */
async function logIn(server, path, clients) {
  const { keepsSessions = false } = variants[server.variant]
  const cookies = []
  for (let i = 0; i < clients; i++) {
    const { cookie } = await call(server, 'POST', path)
    if (keepsSessions === (cookie === undefined)) throw new Error(`${server.variant}: the login set the cookie ${cookie}`)
    cookies.push(cookie ?? `session=${String(i).padStart(43, 'x')}`)
  }
  if (new Set(cookies).size !== clients) throw new Error(`${server.variant}: two clients got one session`)
  return cookies
}

/** Logs the clients of a case in at a server and holds its replies against what they must be. Returns the cookies. */
export async function prepareCase(server, name, clients) {
  const { login, check, checkSessions } = cases[name]
  const cookies = login === undefined ? [] : await logIn(server, login, clients)
  const caller = (method, path, cookie) => call(server, method, path, cookie)
  await check(caller, cookies[0])
  if (variants[server.variant].keepsSessions) await checkSessions?.(caller, cookies[0])
  return cookies
}

/** A server in a case, for so many seconds: replies a second, their times, and the server's microseconds of processor time for each. */
export async function measure(server, name, cookies, { seconds, connections }) {
  const { request, pattern } = cases[name]
  const before = await server.ask('cpu')
  const { requests, ...measured } = await drive({ ...request, port: server.port, pattern, cookies, seconds, connections })
  return { ...measured, cpu: ((await server.ask('cpu')) - before) / requests }
}
