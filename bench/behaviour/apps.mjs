import { once } from 'node:events'
import fastifyCookie from '@fastify/cookie'
import fastifySession from '@fastify/session'
import express from 'express'
import expressSession from 'express-session'
import fastify from 'fastify'
import scsSession from '../../dist/index.js'
import { Gate, Network } from './network.mjs'
import { routes } from './routes.mjs'
import { CallbackStore, RecordStore } from './stores.mjs'

const SECRET = 'a secret of more than thirty-two characters'
const IDLE = 20 * 60_000

/** fastify-scs's timeout here: the default, 5 s, would only make the run longer. */
export const STORE_TIMEOUT = 500

/** Each starts the application with one library and an idle timeout, and gives what a scenario needs of it. */
export const starters = {
  'fastify-scs': ({ idle = IDLE } = {}) => startFastify((app, network) => installScs(app, network, idle), scsPort),
  '@fastify/session': ({ idle = IDLE } = {}) => startFastify((app, network) => installPeer(app, network, idle), peerPort),
  'express-session': ({ idle = IDLE } = {}) => startExpress(idle),
}

/** Both peers' options for writing as little as they can. */
function lean(network, idle) {
  const cookie = { secure: false, maxAge: idle }
  return { secret: SECRET, saveUninitialized: false, rolling: false, cookie, store: new CallbackStore(network) }
}

async function installScs(app, network, idle) {
  const store = new RecordStore(network)
  await app.register(scsSession, { store, idleTimeout: idle, storeTimeout: STORE_TIMEOUT, cookie: { secure: false } })
}

async function installPeer(app, network, idle) {
  await app.register(fastifyCookie)
  await app.register(fastifySession, lean(network, idle))
}

function scsPort({ session }) {
  return {
    get: (key) => session.get(key),
    put: (key, value) => session.put(key, value),
    renew: async () => session.renewToken(),
    destroy: () => session.destroy(),
  }
}

// Regenerating puts a new session in the place of the old one, so each call looks it up.
function peerPort(request) {
  return {
    get: (key) => request.session.get(key),
    put: (key, value) => request.session.set(key, value),
    renew: () => request.session.regenerate(),
    destroy: () => request.session.destroy(),
  }
}

function expressPort(request) {
  const call = (method) => new Promise((resolve, reject) => request.session[method]((error) => (error ? reject(error) : resolve())))
  return {
    get: (key) => request.session[key],
    put: (key, value) => {
      request.session[key] = value
    },
    renew: () => call('regenerate'),
    destroy: () => call('destroy'),
  }
}

async function startFastify(install, portOf) {
  const [network, gate, app] = [new Network(), new Gate(), fastify()]
  await install(app, network)
  for (const [method, url, run] of routes) {
    app.route({ method, url, handler: (request) => run(portOf(request), gate, request.params.key) })
  }
  app.post('/unreturned', async (request, reply) => {
    portOf(request).put('seen', true)
    reply.send({ ok: true })
  })
  const request = (method, url, cookie) => inject(app, method, url, cookie)
  return { network, gate, request, close: () => app.close(), listen: () => app.listen({ host: '127.0.0.1', port: 0 }) }
}

async function inject(app, method, url, cookie) {
  const { statusCode, headers, body } = await app.inject({ method, url, headers: cookie === undefined ? {} : { cookie } })
  return { status: statusCode, body, setCookie: [headers['set-cookie'] ?? []].flat() }
}

async function startExpress(idle) {
  const [network, gate, app] = [new Network(), new Gate(), express()]
  app.use(expressSession({ ...lean(network, idle), resave: false }))
  for (const [method, url, run] of routes) {
    app[method.toLowerCase()](url, async (request, response) => {
      response.json(await run(expressPort(request), gate, request.params.key))
    })
  }
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const base = `http://127.0.0.1:${server.address().port}`
  return { network, gate, request: (method, url, cookie) => overHttp(base + url, method, cookie), close: () => end(server) }
}

async function overHttp(url, method, cookie) {
  const response = await fetch(url, { method, headers: cookie === undefined ? {} : { cookie } })
  return { status: response.status, body: await response.text(), setCookie: response.headers.getSetCookie() }
}

function end(server) {
  server.closeAllConnections()
  server.close()
}
