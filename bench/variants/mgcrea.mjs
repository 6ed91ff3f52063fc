import fastifyCookie from '@fastify/cookie'
import fastifySession, { MemoryStore } from '@mgcrea/fastify-session'
import { SECRET } from '../cases.mjs'

export const title = '@mgcrea/fastify-session, lean, its memory store'
export const packages = ['@mgcrea/fastify-session']
export const keepsSessions = true

export async function register(app) {
  await app.register(fastifyCookie)
  const cookie = { secure: false, maxAge: 86_400 }
  await app.register(fastifySession, { store: new MemoryStore(), secret: SECRET, saveUninitialized: false, cookie })
}

export const read = (request, key) => request.session.get(key)
export const write = (request, key, value) => request.session.set(key, value)
