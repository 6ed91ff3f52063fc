import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Scope } from '../servers/process.ts'

/** What a network that has gone silent loses: what a driver sends, what its server answers, or both. */
export type Loss = 'requests' | 'replies' | 'both'

/** What a proxy between a driver and its server does to what passes. It can be changed at any time. */
export interface FaultProxy {
  readonly port: number
  /** How many bytes of replies still pass before the connection that carries them is reset. Default: no limit. */
  replyBytes: number
  /** Whether replies are held back: the server accepts and never answers. What was held is dropped when the connection ends. */
  silent: boolean
  /** Whether new connections are reset at once, as those to a server that is not there. Default: no. */
  refusing: boolean
  /** How long a chunk is held on its way, in milliseconds. Default: not at all. */
  delay: (() => number) | undefined
  /** How many bytes of replies have passed. */
  readonly passed: number
  /** Resolves when a connection is reset for `replyBytes`. */
  cut(): Promise<void>
  /** Does something once so many more bytes of replies have passed: what is to happen on the way happens there on any machine. */
  after(bytes: number, work: () => void): void
  /** Resets every connection. */
  reset(): void
  /** Loses what is sent on the connections that are open now, without ever ending one. Connections that are opened afterwards work. */
  freeze(loss: Loss): void
  /** Lets nothing pass any more, in both directions; what comes meanwhile passes when it resumes. */
  pause(): void
  resume(): void
}

/** Starts a proxy before a port of this machine, closed with the test. */
export async function startProxy(t: Scope, target: number): Promise<FaultProxy> {
  const sockets = new Set<Socket>()
  const cuts = new Set<() => void>()
  const due = new Map<() => void, number>()
  const lost = new WeakMap<Socket, Loss>()
  let paused = false
  const server = createServer((client) => {
    if (proxy.refusing) client.resetAndDestroy()
    else join(client, connect(target, '127.0.0.1'))
  })
  const proxy = {
    port: 0,
    replyBytes: Number.POSITIVE_INFINITY,
    silent: false,
    refusing: false,
    delay: undefined as (() => number) | undefined,
    passed: 0,
    cut: () => new Promise<void>((resolve) => cuts.add(resolve)),
    after: (bytes: number, work: () => void) => void due.set(work, proxy.passed + bytes),
    reset: () => {
      for (const socket of sockets) socket.resetAndDestroy()
    },
    freeze: (loss: Loss) => {
      for (const socket of sockets) lost.set(socket, loss)
    },
    pause: () => {
      paused = true
      for (const socket of sockets) socket.pause()
    },
    resume: () => {
      paused = false
      for (const socket of sockets) socket.resume()
    },
  }

  function join(client: Socket, upstream: Socket): void {
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one)
      one.setNoDelay(true)
      one.on('error', () => {})
      one.on('close', () => {
        sockets.delete(one)
        // The other end hears of nothing.
        if (!lost.has(one)) other.destroy()
      })
    }
    const pipe = (to: Socket, cut: (chunk: Buffer) => Buffer | undefined) => {
      let queue = Promise.resolve()
      return (chunk: Buffer) => {
        const wait = proxy.delay?.()
        if (wait === undefined) return forward(to, cut(chunk))
        // One after the other, or bytes would overtake one another.
        queue = queue.then(() => new Promise((resolve) => setTimeout(resolve, wait))).then(() => forward(to, cut(chunk)))
      }
    }
    client.on(
      'data',
      pipe(upstream, (chunk) => (loses('requests') ? undefined : chunk)),
    )
    upstream.on('data', pipe(client, allowed))
    if (paused) for (const socket of [client, upstream]) socket.pause()

    function loses(what: Loss): boolean {
      return [what, 'both'].includes(String(lost.get(client)))
    }

    function allowed(chunk: Buffer): Buffer | undefined {
      if (proxy.silent || loses('replies')) return undefined
      const part = chunk.subarray(0, Math.max(0, Math.min(chunk.length, proxy.replyBytes)))
      proxy.replyBytes -= part.length
      proxy.passed += part.length
      if (part.length < chunk.length) setImmediate(cutOff)
      for (const [work, at] of due) if (at <= proxy.passed && due.delete(work)) work()
      return part
    }

    function cutOff(): void {
      client.resetAndDestroy()
      for (const resolve of cuts) resolve()
      cuts.clear()
    }
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  proxy.port = (server.address() as AddressInfo).port
  t.teardown(() => {
    server.close()
    proxy.reset()
  })
  return proxy
}

function forward(to: Socket, chunk: Buffer | undefined): void {
  if (chunk !== undefined && chunk.length > 0 && !to.destroyed) to.write(chunk)
}
