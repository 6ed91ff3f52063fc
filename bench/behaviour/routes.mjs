/** The application, the same for all: each route gets the session as `{ get, put, renew, destroy }`, the gate and the last path segment. */
export const routes = [
  ['POST', '/login', login],
  ['POST', '/logout', logout],
  ['POST', '/visit', visit],
  ['GET', '/me', me],
  ['GET', '/value/:key', value],
  ['GET', '/slow-read/:key', slowRead],
  ['POST', '/slow-write/:key', slowWrite],
  ['POST', '/broken', broken],
]

async function login(session) {
  await session.renew()
  session.put('user', 'alice')
  return { ok: true }
}

async function logout(session) {
  await session.destroy()
  return { ok: true }
}

async function visit(session) {
  session.put('cart', 'a book')
  return { ok: true }
}

async function me(session) {
  return { user: session.get('user') ?? null }
}

async function value(session, _gate, key) {
  return { value: session.get(key) ?? null }
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

async function broken(session) {
  session.put('half', true)
  throw new Error('a bug in the handler')
}
