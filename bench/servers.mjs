import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { start } from './load/cores.mjs'

const SERVER = fileURLToPath(new URL('server.mjs', import.meta.url))

/**
 * Starts a variant in a process of its own. Gives its address, its processor time so far in microseconds, and the way to end it.
 *
 * @param dist the package to measure, as a folder; this checkout's when it is left out
 * @param port of the database, for a variant that has one
 */
export async function startServer(variant, { dist, port } = {}) {
  const env = { ...process.env, NODE_ENV: 'production', SCS_DIST: dist ?? '', DATABASE_PORT: String(port ?? '') }
  const child = start('server', [process.execPath, SERVER, variant], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env })
  const failed = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the server of ${variant} ended with ${code}`)))
  const [{ port: listening }] = await Promise.race([once(child, 'message'), failed])
  failed.catch(() => {})
  const cpu = async () => {
    child.send('cpu')
    const [answer] = await once(child, 'message')
    return answer.cpu
  }
  return { variant, url: `http://127.0.0.1:${listening}`, cpu, stop: () => child.disconnect() }
}

/** Calls a server: gives the body, and the session cookie that was set, if any. */
export async function call(server, method, path, cookie) {
  const reply = await fetch(server.url + path, { method, headers: cookie === undefined ? {} : { cookie } })
  const body = await reply.text()
  if (!reply.ok) throw new Error(`${server.variant}: ${method} ${path} was answered with ${reply.status} ${body}`)
  return { body, cookie: reply.headers.getSetCookie()[0]?.split(';')[0] }
}
