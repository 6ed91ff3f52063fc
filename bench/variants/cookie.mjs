import fastifyCookie from '@fastify/cookie'

export async function register(app) {
  await app.register(fastifyCookie)
}

export { read, write } from './bare.mjs'
