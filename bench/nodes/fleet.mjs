import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const SERVER = fileURLToPath(new URL('server.mjs', import.meta.url))

/** Several server processes on one database. */
export class Fleet {
  static async start(size, engine, port, options) {
    const starting = Array.from({ length: size }, () => startServer(engine, port, options))
    return new Fleet(await Promise.all(starting))
  }

  constructor(servers) {
    this.servers = servers
    this.ports = servers.map(({ port }) => port)
  }

  /** Counts anew, the session under this key apart. Gives the processor time of each server so far. */
  count(shared) {
    return Promise.all(this.servers.map((server) => server.ask({ shared })))
  }

  /** What each counted since, and its processor time. */
  told() {
    return Promise.all(this.servers.map((server) => server.ask({})))
  }

  /** Ends them, and waits until they are gone: none should see the database go before. */
  async stop() {
    await Promise.all(this.servers.map(({ stop }) => stop()))
  }
}

async function startServer(engine, port, options) {
  const args = [SERVER, engine, String(port), JSON.stringify(options)]
  const env = { ...process.env, NODE_ENV: 'production' }
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env })
  const failed = once(child, 'exit').then(([code]) => Promise.reject(new Error(`a server on ${engine} ended with ${code}`)))
  const [{ port: own }] = await Promise.race([once(child, 'message'), failed])
  failed.catch(() => {})
  const ask = async (question) => {
    child.send(question)
    const [answer] = await once(child, 'message')
    return answer
  }
  const stop = async () => {
    if (!child.connected) return
    const gone = once(child, 'exit')
    child.disconnect()
    await gone
  }
  return { port: own, ask, stop }
}
