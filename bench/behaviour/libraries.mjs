import fastifyCookie from '@fastify/cookie'
import fastifySession from '@fastify/session'
import mgcreaSession from '@mgcrea/fastify-session'
import expressSession from 'express-session'
import scsSession from '../../dist/index.js'
import { SECRET } from '../values.mjs'
import { CallbackStore, PromiseStore, RecordStore } from './stores.mjs'

/** Lean: what the peers do by default writes more. */
const lean = (idle) => ({ saveUninitialized: false, cookie: { secure: false, maxAge: idle } })

/** A peer for Fastify, after @fastify/cookie. */
const withCookies =
  (plugin, leanOf) =>
  async (app, store, { idle, defaults }) => {
    await app.register(fastifyCookie)
    await app.register(plugin, { store, secret: SECRET, ...(defaults ? {} : leanOf(idle)) })
  }

/** Each library: its store, how it is installed, and the session as `{ get, put, pop, destroy }`, and `renew` where there is such a thing. */
export const libraries = {
  'fastify-scs': {
    Store: RecordStore,
    install: (app, store, { idle, defaults }) =>
      app.register(scsSession, { store, ...(defaults ? {} : { idleTimeout: idle, cookie: { secure: false } }) }),
    port: scsPort,
    renewal: '`renewToken()`',
  },
  '@fastify/session': {
    Store: CallbackStore,
    install: withCookies(fastifySession, (idle) => ({ ...lean(idle), rolling: false })),
    port: peerPort,
    renewal: '`regenerate()`',
  },
  '@mgcrea/fastify-session': {
    Store: PromiseStore,
    // Its maxAge is in seconds.
    install: withCookies(mgcreaSession, (idle) => ({ saveUninitialized: false, cookie: { ...lean(idle / 1000).cookie, httpOnly: true } })),
    port: mgcreaPort,
  },
  'express-session': {
    Store: CallbackStore,
    install: (app, store, { idle, defaults }) =>
      app.use(expressSession({ store, secret: SECRET, ...(defaults ? {} : { ...lean(idle), rolling: false, resave: false }) })),
    port: expressPort,
    renewal: '`regenerate()`',
  },
}

/** The session of a request, by the names that all have here. */
const portOf = (request, own) => ({
  get: (key) => request.session.get(key),
  put: (key, value) => request.session.set(key, value),
  pop: (key) => take(request.session, key),
  destroy: () => request.session.destroy(),
  ...own,
})

function take(session, key) {
  const value = session[key]
  delete session[key]
  return value
}

function scsPort({ session }) {
  const renew = async () => session.renewToken()
  return portOf({ session }, { put: (key, value) => session.put(key, value), pop: (key) => session.pop(key), renew })
}

// Regenerating puts a new session in the place of the old one, so each call looks it up.
function peerPort(request) {
  return portOf(request, { renew: () => request.session.regenerate() })
}

function mgcreaPort({ session }) {
  const pop = (key) => {
    const value = session.get(key)
    session.set(key, undefined)
    return value
  }
  return portOf({ session }, { pop })
}

function expressPort(request) {
  const call = (method) => () => new Promise((resolve, reject) => request.session[method]((error) => (error ? reject(error) : resolve())))
  const get = (key) => request.session[key]
  const put = (key, value) => Object.assign(request.session, { [key]: value })
  return portOf(request, { get, put, renew: call('regenerate'), destroy: call('destroy') })
}
