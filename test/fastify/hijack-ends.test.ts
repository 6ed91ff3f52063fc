import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { FastifyRequest } from 'fastify'
import t from 'tap'
import { propertyView, type ScsSession } from '../../index.ts'
import { listen, makeApp, settled } from '../support/app.ts'
import { SpyStore } from '../support/spy-store.ts'

t.test('a commit() under way when the handler ends the reply is waited for', async (t) => {
  const store = new SpyStore()
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  store.gate = (verb) => (verb === 'update' ? held : undefined)
  const { app, warnings } = await makeApp({ store }, (app) => {
    app.get('/', ({ session }, reply) => {
      reply.hijack()
      session.put('a', 1)
      session.commit()
      reply.raw.end('raw')
    })
  })
  const { cookie: cookies } = await app.sessions.create({ a: 0 })
  await app.inject({ url: '/', cookies })
  await settled()
  release()
  await settled()
  t.same(store.take(), ['create', 'find', 'update'])
  t.same(warnings(), [])
})

t.test(
  'a reply that its client left has as long as a store call to save its changes, and those in a view; then it is a warning',
  async (t) => {
    const storeTimeout = 200
    let act: (request: FastifyRequest, gone: Promise<unknown>) => unknown = () => {}
    const { app, warnings } = await makeApp({ storeTimeout }, (app) => {
      app.get('/', async (request, reply) => {
        reply.hijack()
        reply.raw.writeHead(200).write('data: 1\n\n')
        await act(request, once(reply.raw, 'close'))
      })
    })
    const base = await listen(t, app)
    const { cookie, token } = await app.sessions.create({ list: [] })
    const list = (session: ScsSession) => propertyView(session)['list'] as unknown[]
    const acts: readonly (readonly [told: number, typeof act])[] = [
      [0, ({ session }) => list(session)],
      [
        0,
        async ({ session }, gone) => {
          session.put('a', 2)
          await gone
          await session.commit()
        },
      ],
      [1, ({ session }) => session.put('a', 1)],
      [1, ({ session }) => list(session).push(1)],
      [1, ({ session }) => list(session).push(() => {})],
      [1, async ({ session }, gone) => session.put('a', await gone.then(() => 1))],
    ]
    let all = 0
    for (const [told, each] of acts) {
      act = each
      const client = new AbortController()
      const reply = await fetch(base, { headers: { cookie: `session=${cookie['session']}` }, signal: client.signal })
      await reply.body?.getReader().read()
      client.abort()
      while ((await promisify(app.server.getConnections).call(app.server)) > 0) await settled()
      all += told
      await sleep(2 * storeTimeout)
      t.equal(warnings().length, all, String(each))
    }
    t.strictSame((await app.sessions.find(token))?.data(), { a: 2, list: [] })
  },
)
