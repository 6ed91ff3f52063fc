/** The application, the same for all: each route gets the session (libraries.mjs), the gate, the last path segment and the reply. */
export const routes = [
  ['POST', '/login', login],
  ['POST', '/login-plainly', loginPlainly],
  ['POST', '/slow-login', held(login)],
  ['POST', '/logout', (session) => session.destroy()],
  [
    'POST',
    '/logout-twice',
    async (session) => {
      await session.destroy()
      await session.destroy()
    },
  ],
  ['POST', '/visit', visit],
  ['POST', '/cached-visit', (session, _gate, _key, reply) => visit(session, reply.header('cache-control', 'public, max-age=60'))],
  ['GET', '/me', (session) => ({ user: session.get('user') ?? null })],
  ['GET', '/value/:key', readValue],
  ['POST', '/put/:key', unlessRefused(put)],
  ['POST', '/push', unlessRefused((session) => void session.get('list').push('second'))],
  ['POST', '/big', (session) => session.put('big', 'x'.repeat(1_000_000))],
  ['GET', '/slow-read/:key', held(readValue)],
  ['POST', '/slow-write/:key', held((session, _gate, key) => session.put(key, true))],
  ['POST', '/slow-pop', held((session) => ({ flash: session.pop('flash') ?? null }))],
  ['POST', '/slow-throw', held(broken)],
  ['POST', '/broken', broken],
].map(([method, url, work]) => [method, url, async (...args) => answerOf(await work(...args))])

/** What most routes answer. */
function answerOf(result) {
  return result?.constructor === Object ? result : { ok: true }
}

function held(work) {
  return async (session, gate, ...rest) => {
    await gate.hold()
    return work(session, gate, ...rest)
  }
}

function unlessRefused(work) {
  return async (...args) => {
    try {
      return work(...args)
    } catch {
      return { refused: true }
    }
  }
}

async function login(session) {
  await session.renew?.()
  loginPlainly(session)
}

function loginPlainly(session) {
  session.put('user', 'alice')
  session.put('flash', 'welcome')
  session.put('list', ['first'])
}

function visit(session) {
  session.put('cart', 'a book')
}

function readValue(session, _gate, key) {
  return { value: session.get(key) ?? null }
}

function put(session, _gate, key) {
  session.put(key, 'mine')
  session.put('seen', true)
}

function broken(session) {
  session.put('half', true)
  throw new Error('a bug in the handler')
}
