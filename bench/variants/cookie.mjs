import fastifyCookie from '@fastify/cookie'

export const title = 'with @fastify/cookie'
export const packages = ['@fastify/cookie']
export const keepsSessions = false

export async function register(app) {
  await app.register(fastifyCookie)
}

export { read, write } from './bare.mjs'
