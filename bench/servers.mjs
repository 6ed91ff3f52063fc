import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const SERVER = fileURLToPath(new URL('server.mjs', import.meta.url))

/** Two cores, one for the servers and one for the client; undefined where processes cannot be pinned. */
export function pinning() {
  const { stdout, status } = spawnSync('taskset', ['-cp', String(process.pid)], { encoding: 'utf8' })
  if (status !== 0) return undefined
  const cores = stdout
    .slice(stdout.lastIndexOf(':') + 1)
    .split(',')
    .flatMap((part) => {
      const [from, to = from] = part.trim().split('-').map(Number)
      return Array.from({ length: to - from + 1 }, (_, i) => from + i)
    })
  return cores.length < 2 ? undefined : { server: cores[0], client: cores[1] }
}

export function pinClient(pins) {
  if (pins !== undefined) spawnSync('taskset', ['-acp', String(pins.client), String(process.pid)])
}

/** Starts a variant. Gives its address, its processor time so far in microseconds, and the way to end it. */
export async function startServer(name, pins) {
  const command = [process.execPath, SERVER, name]
  const [file, ...args] = pins === undefined ? command : ['taskset', '-c', String(pins.server), ...command]
  const env = { ...process.env, NODE_ENV: 'production' }
  const child = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env })
  const failed = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the server of ${name} ended with ${code}`)))
  const [{ port }] = await Promise.race([once(child, 'message'), failed])
  failed.catch(() => {})
  const cpu = async () => {
    child.send('cpu')
    const [answer] = await once(child, 'message')
    return answer.cpu
  }
  return { name, url: `http://127.0.0.1:${port}`, cpu, stop: () => child.disconnect() }
}

/** Calls a server: gives the body, and the session cookie that was set, if any. */
export async function call(server, method, path, cookie) {
  const reply = await fetch(server.url + path, { method, headers: cookie === undefined ? {} : { cookie } })
  const body = await reply.text()
  if (!reply.ok) throw new Error(`${server.name}: ${method} ${path} was answered with ${reply.status} ${body}`)
  return { body, cookie: reply.headers.getSetCookie()[0]?.split(';')[0] }
}
