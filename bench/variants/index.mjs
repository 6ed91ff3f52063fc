import * as bare from './bare.mjs'
import * as cookie from './cookie.mjs'
import * as scs from './fastify-scs.mjs'
import * as fastifySession from './fastify-session.mjs'
import * as mgcrea from './mgcrea.mjs'

/** What is compared, by name. The first two are what the others are held against. */
export const variants = { bare, cookie, '@fastify/session': fastifySession, '@mgcrea/fastify-session': mgcrea, 'fastify-scs': scs }
