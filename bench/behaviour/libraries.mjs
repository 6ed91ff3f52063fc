import fastifyCookie from '@fastify/cookie'
import fastifySession from '@fastify/session'
import mgcreaSession from '@mgcrea/fastify-session'
import expressSession from 'express-session'
import scsSession from '../../dist/index.js'
import { CallbackStore, PromiseStore, RecordStore } from './stores.mjs'

const SECRET = 'a secret of more than thirty-two characters'

/** Each library: its store, how it is installed, and the session as `{ get, put, pop, destroy }`, and `renew` where there is such a thing. */
export const libraries = {
  'fastify-scs': {
    Store: RecordStore,
    install: (app, store, { idle, defaults }) => app.register(scsSession, { store, ...(defaults ? {} : leanScs(idle)) }),
    port: scsPort,
    renewal: '`renewToken()`',
  },
  '@fastify/session': {
    Store: CallbackStore,
    install: (app, store, { idle, defaults }) =>
      withCookies(app, fastifySession, { store, secret: SECRET, ...(defaults ? {} : leanPeer(idle)) }),
    port: peerPort,
    renewal: '`regenerate()`',
  },
  '@mgcrea/fastify-session': {
    Store: PromiseStore,
    // Its maxAge is in seconds.
    install: (app, store, { idle, defaults }) =>
      withCookies(app, mgcreaSession, { store, secret: SECRET, ...(defaults ? {} : leanMgcrea(idle / 1000)) }),
    port: mgcreaPort,
  },
  'express-session': {
    Store: CallbackStore,
    install: (app, store, { idle, defaults }) =>
      app.use(expressSession({ store, secret: SECRET, ...(defaults ? {} : { ...leanPeer(idle), resave: false }) })),
    port: expressPort,
    renewal: '`regenerate()`',
  },
}

function leanScs(idle) {
  return { idleTimeout: idle, cookie: { secure: false } }
}

function leanPeer(idle) {
  return { saveUninitialized: false, rolling: false, cookie: { secure: false, maxAge: idle } }
}

function leanMgcrea(seconds) {
  return { saveUninitialized: false, cookie: { secure: false, httpOnly: true, maxAge: seconds } }
}

async function withCookies(app, plugin, options) {
  await app.register(fastifyCookie)
  await app.register(plugin, options)
}

function scsPort({ session }) {
  return {
    get: (key) => session.get(key),
    put: (key, value) => session.put(key, value),
    pop: (key) => session.pop(key),
    renew: async () => session.renewToken(),
    destroy: () => session.destroy(),
  }
}

// Regenerating puts a new session in the place of the old one, so each call looks it up.
function peerPort(request) {
  return {
    get: (key) => request.session.get(key),
    put: (key, value) => request.session.set(key, value),
    pop: (key) => take(request.session, key),
    renew: () => request.session.regenerate(),
    destroy: () => request.session.destroy(),
  }
}

function mgcreaPort({ session }) {
  return {
    get: (key) => session.get(key),
    put: (key, value) => session.set(key, value),
    pop: (key) => {
      const value = session.get(key)
      session.set(key, undefined)
      return value
    },
    destroy: () => session.destroy(),
  }
}

function expressPort(request) {
  const call = (method) => new Promise((resolve, reject) => request.session[method]((error) => (error ? reject(error) : resolve())))
  return {
    get: (key) => request.session[key],
    put: (key, value) => {
      request.session[key] = value
    },
    pop: (key) => take(request.session, key),
    renew: () => call('regenerate'),
    destroy: () => call('destroy'),
  }
}

function take(session, key) {
  const value = session[key]
  delete session[key]
  return value
}
