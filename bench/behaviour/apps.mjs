import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import express from 'express'
import fastify from 'fastify'
import { libraries } from './libraries.mjs'
import { Gate, Network } from './network.mjs'
import { routes } from './routes.mjs'

const IDLE = 20 * 60_000

/** The name of the request that is being worked on, from its header `x-actor`. */
export const actor = new AsyncLocalStorage()

/**
 * Starts the application with one library, and returns what a scenario needs of it. Options: `idle`, an idle timeout; `defaults`, the library's
 * own ones for all that can be left out; `log`, a stream that gets all that is logged.
 */
export async function startApp(name, { idle = IDLE, defaults = false, log } = {}) {
  const [network, gate, library] = [new Network(), new Gate(), libraries[name]]
  const store = new library.Store(network)
  const start = name === 'express-session' ? startExpress : startFastify
  const app = await start({ library, store, gate, log, options: { idle, defaults } })
  return { name, network, gate, renewal: library.renewal, spoil: (change) => store.spoil(change), ...app }
}

async function startFastify({ library, store, gate, log, options }) {
  const app = fastify({ trustProxy: true, ...(log === undefined ? {} : { logger: { level: 'trace', stream: log } }) })
  app.addHook('onRequest', (request, _reply, done) => actor.run(request.headers['x-actor'], done))
  await library.install(app, store, options)
  for (const [method, url, run] of routes) {
    app.route({ method, url, handler: (request, reply) => run(library.port(request), gate, request.params.key, reply) })
  }
  app.post('/unreturned', async (request, reply) => {
    library.port(request).put('seen', true)
    reply.send({ ok: true })
  })
  const request = (method, url, cookie, headers) => inject(app, method, url, headersOf(cookie, headers))
  return { request, close: () => app.close(), listen: () => app.listen({ host: '127.0.0.1', port: 0 }) }
}

function headersOf(cookie, headers = {}) {
  return cookie === undefined ? headers : { ...headers, cookie }
}

async function inject(app, method, url, sent) {
  const { statusCode, headers, body } = await app.inject({ method, url, headers: sent })
  return { status: statusCode, body, headers, setCookie: [headers['set-cookie'] ?? []].flat() }
}

async function startExpress({ library, store, gate, options }) {
  const app = express()
  app.set('trust proxy', true)
  app.use((request, _response, next) => actor.run(request.get('x-actor'), next))
  library.install(app, store, options)
  for (const [method, url, run] of routes) {
    app[method.toLowerCase()](url, async (request, response) => {
      response.json(await run(library.port(request), gate, request.params.key, response))
    })
  }
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const base = `http://127.0.0.1:${server.address().port}`
  const request = (method, url, cookie, headers) => overHttp(base + url, method, headersOf(cookie, headers))
  return { request, close: () => end(server) }
}

async function overHttp(url, method, sent) {
  const response = await fetch(url, { method, headers: sent })
  const headers = Object.fromEntries(response.headers)
  return { status: response.status, body: await response.text(), headers, setCookie: response.headers.getSetCookie() }
}

function end(server) {
  server.closeAllConnections()
  server.close()
}
