import fastifyCookie from '@fastify/cookie'
import fastifySession, { MemoryStore } from '@mgcrea/fastify-session'
import { SECRET } from '../cases.mjs'

export async function register(app) {
  await app.register(fastifyCookie)
  const cookie = { secure: false, maxAge: 86_400 }
  await app.register(fastifySession, { store: new MemoryStore(), secret: SECRET, saveUninitialized: false, cookie })
}

export { read, write } from './fastify-session.mjs'
