import { once } from 'node:events'
import { createRequire } from 'node:module'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import WebSocket from 'ws'
import { listen } from '../support/app.ts'
import { LIMIT } from '../support/limit.ts'
import { root } from '../support/readme.ts'
import { type Recipe, recipes } from '../support/recipes.ts'

/** A client of socket.io, as far as it is used here. */
interface IoClient {
  on(event: string, listener: (value: unknown) => void): unknown
  emit(event: string, value: unknown): unknown
  close(): unknown
}

t.setTimeout(LIMIT)
const load = recipes('recipes/websocket', 'recipes/socket-io')
const cookieFor = async (app: FastifyInstance) => {
  const { token, cookie } = await app.sessions.create({ user: 'ada' })
  return { token, cookie, header: { cookie: `theme=dark; session=${token}` } }
}

/** Moves the clock that sessions go by. */
function lapse(t: Test, milliseconds: number): void {
  const { now } = Date
  Date.now = () => now() + milliseconds
  t.teardown(() => {
    Date.now = now
  })
}

t.test('a socket of @fastify/websocket', async (t) => {
  const { app } = await load<Recipe>('websocket.ts')
  const timers: Array<() => void> = []
  const { setInterval } = globalThis
  t.intercept(globalThis, 'setInterval', {
    value: (callback: () => void, delay: number) => {
      if (delay === 30_000) timers.push(callback)
      return setInterval(callback, delay)
    },
  })
  const url = `${(await listen(t, app)).replace('http', 'ws')}/chat`
  const open = async (headers: Record<string, string>) => {
    const socket = new WebSocket(url, { headers })
    await once(socket, 'open')
    return socket
  }
  const say = async (socket: WebSocket, message: string) => {
    socket.send(message)
    return String((await once(socket, 'message'))[0])
  }

  t.test('is refused before the upgrade without a login', async (t) => {
    const [error] = await once(new WebSocket(url), 'error')
    t.match(String(error), /401/)
  })

  t.test('saves with each message, and stays alive under the idle timeout', async (t) => {
    const { cookie } = await app.inject({ method: 'POST', url: '/login' }).then(({ cookies }) => ({ cookie: cookies[0]?.value ?? '' }))
    const socket = await open({ cookie: `session=${cookie}` })
    t.equal(await say(socket, 'hello'), 'ada said hello')
    for (const minutes of [15, 15]) {
      lapse(t, minutes * 60_000)
      t.equal(await say(socket, 'again'), 'ada said again', `${minutes} minutes later`)
    }
    t.equal((await app.sessions.find(cookie))?.get('messages'), 3)
    socket.close()
  })

  for (const how of ['message', 'timer'] as const) {
    t.test(`notices a logout elsewhere with the next ${how}`, async (t) => {
      const { cookie, header } = await cookieFor(app)
      const socket = await open(header)
      await app.inject({ method: 'POST', url: '/logout', cookies: cookie })
      if (how === 'message') socket.send('hello')
      else timers.at(-1)?.()
      const [code, reason] = await once(socket, 'close')
      t.strictSame([code, String(reason)], [4401, 'logged out'])
    })
  }
})

t.test('socket.io on the same server', async (t) => {
  const { app } = await load<Recipe>('socket-io.ts')
  const { io } = createRequire(`${root}/test/neighbours/package.json`)('socket.io-client') as {
    io: (url: string, options: object) => IoClient
  }
  const url = await listen(t, app)
  const connect = (headers: Record<string, string>, transport: string) => {
    const client = io(url, { extraHeaders: headers, transports: [transport], reconnection: false, forceNew: true })
    t.teardown(() => client.close())
    return client
  }
  const next = (client: IoClient, event: string) => new Promise<unknown>((resolve) => client.on(event, resolve))

  for (const transport of ['websocket', 'polling']) {
    t.test(`reads, changes and prolongs the session of the handshake, and notices the logout (${transport})`, async (t) => {
      const { token, cookie, header } = await cookieFor(app)
      const client = connect(header, transport)
      await next(client, 'connect')
      const say = () => {
        client.emit('say', 'hello')
        return next(client, 'said')
      }
      t.equal(await say(), 'ada said hello')
      const before = (await app.sessions.find(token))?.expiresAt ?? 0
      // The client would take more for a server that went silent.
      lapse(t, 40_000)
      t.equal(await say(), 'ada said hello')
      const after = (await app.sessions.find(token))?.expiresAt ?? 0
      t.ok(after >= before + 40_000, 'the idle timeout starts again')
      t.equal((await app.sessions.find(token))?.get('messages'), 2)
      await app.inject({ method: 'POST', url: '/logout', cookies: cookie })
      client.emit('say', 'hello')
      t.equal(await next(client, 'disconnect'), 'io server disconnect')
    })
  }

  t.test('refuses a handshake without a session that is logged in', async (t) => {
    const cookies = [undefined, 'session=', 'session=short', `session=${'x'.repeat(43)}`]
    for (const cookie of cookies) {
      const error = await next(connect(cookie === undefined ? {} : { cookie }, 'websocket'), 'connect_error')
      t.match(error, { message: 'log in first' }, String(cookie))
    }
  })
})
