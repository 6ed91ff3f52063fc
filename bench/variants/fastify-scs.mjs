import scsSession from '../../dist/index.js'

export const title = 'fastify-scs, MemoryStore'
export const packages = ['fastify-scs']
export const keepsSessions = true

export async function register(app) {
  await app.register(scsSession)
}

export const read = (request, key) => request.session.get(key)
export const write = (request, key, value) => request.session.put(key, value)
