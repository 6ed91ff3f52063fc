import { cases } from '../cases.mjs'
import { call } from '../servers.mjs'
import { variants } from '../variants/index.mjs'
import { drive } from './wrk.mjs'

/** A cookie for each client. Where nothing is kept, one that looks like a session's. */
async function logIn(server, path, clients) {
  const { keepsSessions = false } = variants[server.variant]
  const cookies = []
  for (let i = 0; i < clients; i++) {
    const { cookie } = await call(server, 'POST', path)
    if (keepsSessions === (cookie === undefined)) throw new Error(`${server.variant}: the log-in set the cookie ${cookie}`)
    cookies.push(cookie ?? `session=${String(i).padStart(43, 'x')}`)
  }
  if (new Set(cookies).size !== clients) throw new Error(`${server.variant}: two clients got one session`)
  return cookies
}

/** Logs the clients of a case in at a server and holds its replies against what they must be. Gives the cookies. */
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
  const before = await server.cpu()
  const { requests, ...measured } = await drive({ ...request, url: server.url, pattern, cookies, seconds, connections })
  return { ...measured, cpu: ((await server.cpu()) - before) / requests }
}
