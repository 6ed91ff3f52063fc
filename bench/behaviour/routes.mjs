/** The application, the same for all: each route gets the session (libraries.mjs), the gate, the last path segment and the reply. */
export const routes = [
  ['POST', '/login', login],
  ['POST', '/login-plainly', loginPlainly],
  ['POST', '/slow-login', slowLogin],
  ['POST', '/logout', logout],
  ['POST', '/logout-twice', logoutTwice],
  ['POST', '/visit', visit],
  ['POST', '/cached-visit', cachedVisit],
  ['GET', '/me', me],
  ['GET', '/value/:key', value],
  ['POST', '/put/:key', put],
  ['POST', '/push', push],
  ['POST', '/big', big],
  ['GET', '/slow-read/:key', slowRead],
  ['POST', '/slow-write/:key', slowWrite],
  ['POST', '/slow-pop', slowPop],
  ['POST', '/slow-throw', slowThrow],
  ['POST', '/broken', broken],
]

async function login(session) {
  await session.renew?.()
  return loginPlainly(session)
}

async function loginPlainly(session) {
  session.put('user', 'alice')
  session.put('flash', 'welcome')
  session.put('list', ['first'])
  return { ok: true }
}

async function slowLogin(session, gate) {
  await gate.hold()
  return login(session)
}

async function logout(session) {
  await session.destroy()
  return { ok: true }
}

async function logoutTwice(session) {
  await session.destroy()
  await session.destroy()
  return { ok: true }
}

async function visit(session) {
  session.put('cart', 'a book')
  return { ok: true }
}

async function cachedVisit(session, _gate, _key, reply) {
  reply.header('cache-control', 'public, max-age=60')
  return visit(session)
}

async function me(session) {
  return { user: session.get('user') ?? null }
}

async function value(session, _gate, key) {
  return { value: session.get(key) ?? null }
}

async function put(session, _gate, key) {
  try {
    session.put(key, 'mine')
    session.put('seen', true)
    return { ok: true }
  } catch {
    return { refused: true }
  }
}

async function push(session) {
  try {
    session.get('list').push('second')
    return { ok: true }
  } catch {
    return { refused: true }
  }
}

async function big(session) {
  session.put('big', 'x'.repeat(1_000_000))
  return { ok: true }
}

async function slowRead(session, gate, key) {
  await gate.hold()
  return { value: session.get(key) ?? null }
}

async function slowWrite(session, gate, key) {
  await gate.hold()
  session.put(key, true)
  return { ok: true }
}

async function slowPop(session, gate) {
  await gate.hold()
  return { flash: session.pop('flash') ?? null }
}

async function slowThrow(session, gate) {
  await gate.hold()
  return broken(session)
}

async function broken(session) {
  session.put('half', true)
  throw new Error('a bug in the handler')
}
