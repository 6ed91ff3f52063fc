import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import Type from 'typebox'

/** `visitor` is the session's own mark, `user` whose it is. The others come and go. */
export const SCHEMA = Type.Object({
  visitor: Type.String(),
  user: Type.String(),
  mark: Type.String(),
  count: Type.Integer(),
  flash: Type.String(),
})

const addOne = (count) => (count ?? 0) + 1

/** What a POST does to the session; the reply is what the session holds then, and what this gives. */
const changes = {
  visit: (session, { visitor }) => session.put('visitor', visitor),
  login(session, { user }) {
    session.renewToken()
    session.put('user', user)
  },
  write: (session, { mark }) => session.put('mark', mark),
  count: (session) => session.update('count', addOne),
  flash: (session, { flash }) => session.put('flash', flash),
  pop: (session) => ({ popped: session.pop('flash') }),
  renew: (session) => session.renewToken(),
  logout: (session) => session.destroy(),
  merge: (session, { other }) => session.mergeSession(other),
  async others(session, _query, { sessions }) {
    const user = session.get('user')
    return { ended: user === undefined ? 0 : await sessions.destroyOwnedBy(user, { except: session }) }
  },
  fail(session, { mark }) {
    session.put('mark', mark)
    throw new Error('the handler failed')
  },
}

export function addRoutes(app) {
  const read = async ({ session }) => session.data()
  app.get('/read', read)
  app.get('/poll', { config: { session: { touch: false } } }, read)
  app.get('/public', async () => ({ hello: 'world' }))
  app.get('/stream', stream)
  for (const [name, change] of Object.entries(changes)) {
    app.post(`/${name}`, async ({ session, query }) => {
      // Others come between, also where the store answers at once.
      await turn()
      const more = await change(session, query, app)
      return { ...session.data(), ...more }
    })
  }
}

/** Server-sent events: the session is saved before the first byte. */
async function stream({ session }, reply) {
  session.update('count', addOne)
  await session.commit()
  reply.hijack()
  reply.raw.writeHead(200, { ...reply.getHeaders(), 'content-type': 'text/event-stream' })
  for (let event = 0; event < 3 && !reply.raw.destroyed; event++) {
    reply.raw.write(`data: ${JSON.stringify(session.data())}\n\n`)
    await sleep(3)
  }
  reply.raw.end()
}
