import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import websocket from '@fastify/websocket'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import WebSocket from 'ws'
import { listen, makeApp, setCookies, settled, watchCrashes } from '../support/app.ts'
import { SpyStore } from '../support/spy-store.ts'

const STORE_TIMEOUT = 500

/** Opens a socket, asks one thing after the other, and gives the answers. */
async function converse(
  t: Test,
  app: FastifyInstance,
  path: string,
  cookie: Record<string, string>,
  questions: string[],
): Promise<unknown[]> {
  const base = await listen(t, app)
  const header = Object.entries(cookie)
    .map(([name, value]) => `${name}=${value}`)
    .join('; ')
  const socket = new WebSocket(base.replace('http', 'ws') + path, { headers: header === '' ? {} : { cookie: header } })
  await once(socket, 'open')
  const answers: unknown[] = []
  for (const question of questions) {
    socket.send(question)
    const [answer] = await once(socket, 'message')
    answers.push(JSON.parse(String(answer)))
  }
  socket.close()
  await once(socket, 'close')
  return answers
}

for (const mode of ['sync', 'async'] as const) {
  async function start() {
    const store = new SpyStore(mode)
    const test = await makeApp({ store, storeTimeout: STORE_TIMEOUT }, async (app) => {
      await app.register(websocket)
      app.get('/', { websocket: true }, (socket, { session }) => {
        const answer = (value: unknown) => socket.send(JSON.stringify(value ?? null))
        const refuse = (error: { code: string }) => answer(error.code)
        socket.on('message', async (message) => {
          const question = String(message)
          try {
            if (question === 'user') answer(session.get('user'))
            if (question === 'put') session.update('n', (n) => Number(n ?? 0) + 1)
            if (question === 'renew') session.renewToken()
            if (question === 'destroy') await session.destroy()
            if (question === 'forget') answer(session.put('n', 1))
            if (question !== 'user' && question !== 'forget')
              answer({ cookie: await session.commit(), n: session.get('n'), status: session.status })
          } catch (error) {
            refuse(error as { code: string })
          }
        })
      })
    })
    const { cookie, token } = await test.app.sessions.create({ user: 'u' })
    store.take()
    return { ...test, store, cookie, token }
  }

  t.test(`a socket reads its session, and saves as often as it likes (${mode} store)`, async (t) => {
    const crashes = watchCrashes(t)
    const { app, store, cookie, token } = await start()
    const answers = await converse(t, app, '/', cookie, ['user', 'put', 'put', 'user'])
    t.same(answers, ['u', { n: 1, status: 'unmodified' }, { n: 2, status: 'unmodified' }, 'u'])
    t.same(store.take(), ['find', 'update', 'update'])
    t.same((await app.sessions.find(token))?.data(), { user: 'u', n: 2 })
    await settled()
    t.same(crashes, [])
  })

  t.test(`a socket that closes with changes that nobody saved leaves a line in the log, any other none (${mode} store)`, async (t) => {
    for (const [question, told] of [
      ['forget', 1],
      ['put', 0],
    ] as const) {
      const { app, cookie, warnings } = await start()
      t.same((await converse(t, app, '/', cookie, [question, 'user']))[1], 'u')
      while ((await promisify(app.server.getConnections).call(app.server)) > 0) await settled()
      await sleep(2 * STORE_TIMEOUT)
      t.equal(warnings().filter(({ msg }) => /never saved/.test(String(msg))).length, told)
    }
  })

  t.test(`a token that a socket's client could never learn is refused before anything is written (${mode} store)`, async (t) => {
    const { app, store, cookie, token } = await start()
    t.same(await converse(t, app, '/', cookie, ['renew', 'user']), ['FST_ERR_SCS_TOO_LATE', 'u'])
    t.same(store.take(), ['find'])
    t.same((await app.sessions.find(token))?.data(), { user: 'u' })
    const anonymous = await start()
    t.same(await converse(t, anonymous.app, '/', {}, ['put']), ['FST_ERR_SCS_TOO_LATE'])
    t.same(anonymous.store.take(), [])
  })

  t.test(`a socket can end its session (${mode} store)`, async (t) => {
    const { app, cookie, token } = await start()
    const [first, second] = await converse(t, app, '/', cookie, ['destroy', 'user'])
    t.match(first, { status: 'destroyed' })
    t.equal(second, null)
    t.equal(await app.sessions.find(token), undefined)
  })

  t.test(`a session that was ended elsewhere is not revived by a socket (${mode} store)`, async (t) => {
    const { app, cookie, token, store } = await start()
    const base = await listen(t, app)
    const socket = new WebSocket(base.replace('http', 'ws'), { headers: { cookie: `session=${cookie['session']}` } })
    await once(socket, 'open')
    await (await app.sessions.find(token))?.destroy()
    store.take()
    socket.send('put')
    const [answer] = await once(socket, 'message')
    t.equal(JSON.parse(String(answer)), 'FST_ERR_SCS_SUPERSEDED')
    t.equal(await app.sessions.count(), 0)
    socket.close()
    await once(socket, 'close')
  })
}

t.test('a request that asks for a socket and gets a plain reply gets its cookie too', async (t) => {
  const { app } = await makeApp({}, (app) => {
    app.get('/', async (request) => request.session.put('a', 1))
  })
  const reply = await app.inject({ url: '/', headers: { upgrade: 'websocket' } })
  t.equal(reply.statusCode, 200)
  t.equal(setCookies(reply).length, 1)
})
