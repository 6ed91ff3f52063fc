import fastifyCookie from '@fastify/cookie'
import fastifySession from '@fastify/session'
import { SECRET } from '../cases.mjs'

/** Lean: by default it writes the store and the cookie with every response. */
export async function register(app) {
  await app.register(fastifyCookie)
  await app.register(fastifySession, {
    secret: SECRET,
    saveUninitialized: false,
    rolling: false,
    cookie: { secure: false, maxAge: 86_400_000 },
  })
}

export const read = (request, key) => request.session.get(key)
export const write = (request, key, value) => request.session.set(key, value)
