import csrf from '@fastify/csrf-protection'
import flash from '@fastify/flash'
import formbody from '@fastify/formbody'
import helmet from '@fastify/helmet'
import Fastify from 'fastify'
import scsSession from 'fastify-scs'
import { LmdbStore } from 'fastify-scs/stores/lmdb'
import { Accounts } from './accounts.mjs'
import { onError, onNotFound } from './errors.mjs'
import { Events } from './events.mjs'
import { routes } from './routes/index.mjs'
import { SessionSchema } from './session.mjs'

const COOKIE = 'session'

/**
 * @typedef {object} DemoOptions
 * @property {string} path The folder of the sessions.
 * @property {() => number} [clock] The time in epoch milliseconds, for tests.
 * @property {import('fastify-scs').Duration} [idleTimeout]
 * @property {(app: import('fastify').FastifyInstance) => unknown} [prepare] Called first, so that a test can add hooks of its own.
 * @property {import('fastify').FastifyServerOptions['logger']} [logger]
 */

/** The demo, ready to listen. @param {DemoOptions} options */
export async function buildDemo({ path, clock = Date.now, idleTimeout = '15m', prepare, logger = false }) {
  // Behind a proxy that ends TLS, set `trustProxy` to its address: then `secure: 'auto'` sees https.
  const app = Fastify({ logger })
  const events = new Events(clock, COOKIE)
  app.decorate('demo', { accounts: new Accounts(), events, clock })
  app.addHook('onClose', () => events.close())
  await prepare?.(app)

  await app.register(helmet, { contentSecurityPolicy: { useDefaults: false, directives: POLICY }, strictTransportSecurity: false })
  await app.register(formbody, { bodyLimit: 10_000 })
  await app.register(scsSession, {
    store: new LmdbStore(path, { clock }),
    schema: SessionSchema,
    owner: 'userId',
    lifetime: '12h',
    idleTimeout,
    remember: { lifetime: '30d', idleTimeout: '7d' },
    limit: { perOwner: 3, then: 'end-oldest' },
    client: (request) => ({ address: request.ip, userAgent: request.headers['user-agent'] }),
    // On https, call it `__Host-session`: then no other host of the domain can set it. A browser refuses that name on http.
    cookie: { name: COOKIE, secure: 'auto', sameSite: 'lax', persist: false },
    // A save that fails is answered as any other error is.
    errorReply: (error, request, reply) => request.server.errorHandler(error, request, reply),
    clock,
  })
  await app.register(flash)
  await app.register(csrf, { sessionPlugin: '@fastify/secure-session' })

  app.setErrorHandler(onError)
  app.setNotFoundHandler(onNotFound)
  await app.register(routes)
  return app
}

/** No script and no style but those of this site, none of them inline. */
const POLICY = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'connect-src': ["'self'"],
  'img-src': ["'self'"],
  'form-action': ["'self'"],
  'base-uri': ["'none'"],
  'frame-ancestors': ["'none'"],
}
