/**
 * What is compared, by name. `load` gives what a server is made of: `register(app)`, or `listen(routes)` where it is no Fastify, then
 * `read(request, key)` and `write(request, key, value)`. `database` names the server that it needs.
 */
export const variants = {
  bare: { title: 'Fastify alone', packages: ['fastify'], load: () => import('./bare.mjs') },
  cookie: { title: 'Fastify with @fastify/cookie', packages: ['@fastify/cookie'], load: () => import('./cookie.mjs') },
  session: { title: '@fastify/session', packages: ['@fastify/session'], keepsSessions: true, load: () => import('./fastify-session.mjs') },
  mgcrea: {
    ...{ title: '@mgcrea/fastify-session', packages: ['@mgcrea/fastify-session'], keepsSessions: true },
    load: () => import('./mgcrea.mjs'),
  },
  secure: {
    ...{ title: '@fastify/secure-session', packages: ['@fastify/secure-session'], keepsSessions: true },
    load: () => import('./secure-session.mjs'),
  },
  express: {
    ...{ title: 'Express with express-session', packages: ['express', 'express-session'], keepsSessions: true },
    load: () => import('./express-session.mjs'),
  },
  scs: { title: 'fastify-scs', packages: ['fastify-scs'], keepsSessions: true, load: () => scs('memory') },
  million: {
    ...{ title: 'fastify-scs, among 1,000,000 sessions', packages: [], keepsSessions: true },
    load: () => scs('million'),
  },
  redis: { title: 'fastify-scs, Redis', packages: ['ioredis'], keepsSessions: true, database: 'Redis', load: () => scs('redis') },
  postgres: {
    title: 'fastify-scs, PostgreSQL',
    packages: ['pg'],
    keepsSessions: true,
    database: 'PostgreSQL',
    load: () => scs('postgres'),
  },
  mysql: { title: 'fastify-scs, MariaDB', packages: ['mysql2'], keepsSessions: true, database: 'MariaDB', load: () => scs('mysql') },
  lmdb: { title: 'fastify-scs, LMDB', packages: ['lmdb'], keepsSessions: true, load: () => scs('lmdb') },
  'bare-redis': { title: 'one getBuffer', packages: [], database: 'Redis', load: () => bareDriver('redis') },
  'bare-postgres': { title: 'one prepared SELECT', packages: [], database: 'PostgreSQL', load: () => bareDriver('postgres') },
  'bare-mysql': { title: 'one prepared SELECT', packages: [], database: 'MariaDB', load: () => bareDriver('mysql') },
}

const scs = async (store) => (await import('./fastify-scs.mjs')).withStore(store)
const bareDriver = async (driver) => (await import('./bare-drivers.mjs'))[driver]
