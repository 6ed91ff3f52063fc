import secureSession from '@fastify/secure-session'

/** The whole session is in the cookie, encrypted: there is no store, and no way to end one. */
export async function register(app) {
  await app.register(secureSession, { key: Buffer.alloc(32, 7), expiry: 86_400, cookie: { path: '/', maxAge: 86_400 } })
}

export { read, write } from './fastify-session.mjs'
