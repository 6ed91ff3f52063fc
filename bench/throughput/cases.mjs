import assert from 'node:assert/strict'
import { READ } from '../values.mjs'

const PLUGINS = ['bare', 'cookie', 'session', 'mgcrea', 'secure', 'express', 'scs']

const isRead = async (call, cookie) => {
  const reply = await call('GET', '/read', cookie)
  assert.equal(reply.body, READ.value)
  assert.equal(reply.cookie, undefined, 'a read sets no cookie')
}
const isReadByCookie = async (call) => {
  assert.notEqual((await call('GET', '/read')).body, READ.value, 'without a cookie there is no session to read')
}
const READING = { request: { method: 'GET', path: '/read' }, pattern: `^${READ.value.replace('-', '%-')}$`, check: isRead }

/** A read of a store on a server, beside a handler that does nothing but ask the same server with the same driver. */
const readOf = (store, title) => ({
  ...{ title: `A read, ${title}`, variants: ['bare', `bare-${store}`, store], login: '/login', ...READING, checkSessions: isReadByCookie },
  aims: [{ of: store, to: `bare-${store}`, least: 0.9 }],
})

/**
 * What is measured, by name: the request, what its reply must match, the variants, and what is aimed at. `check` holds a variant's replies
 * against what they must be before anything is measured, `checkSessions` those of the variants that keep sessions.
 */
export const cases = {
  'no-cookie': {
    title: 'A request without a cookie',
    variants: PLUGINS,
    request: { method: 'GET', path: '/' },
    pattern: '^hello$',
    async check(call) {
      const reply = await call('GET', '/')
      assert.equal(reply.body, 'hello')
      assert.equal(reply.cookie, undefined, 'a request that stores nothing gets no cookie')
    },
    aims: [{ of: 'scs', to: 'cookie', least: 0.97 }],
  },
  untouched: {
    title: 'A valid cookie, and a route that never touches the session',
    variants: PLUGINS,
    login: '/login',
    request: { method: 'GET', path: '/' },
    pattern: '^hello$',
    async check(call, cookie) {
      const reply = await call('GET', '/', cookie)
      assert.equal(reply.body, 'hello')
      assert.equal(reply.cookie, undefined)
    },
    aims: [{ of: 'scs', to: 'cookie', least: 0.95 }],
  },
  read: {
    title: 'A read: a session of five keys, of which the handler reads one',
    variants: PLUGINS,
    login: '/login',
    ...READING,
    checkSessions: isReadByCookie,
    aims: [{ of: 'scs', to: 'cookie', least: 0.9 }],
  },
  write: {
    title: 'A write: the handler sets one of the five keys to a new value',
    variants: PLUGINS,
    login: '/login',
    request: { method: 'POST', path: '/write' },
    pattern: '^%d+$',
    async check(call, cookie) {
      assert.match((await call('POST', '/write', cookie)).body, /^\d+$/)
    },
    async checkSessions(call, cookie) {
      let mine = cookie
      for (let i = 0; i < 3; i++) {
        const reply = await call('POST', '/write', mine)
        // Where the cookie is the session it changes with it.
        mine = reply.cookie ?? mine
        assert.equal((await call('GET', '/visits', mine)).body, reply.body, 'what was written is what is read afterwards')
        assert.equal((await call('GET', '/read', mine)).body, READ.value, 'the other keys stay')
      }
    },
    aims: [{ of: 'scs', to: 'session', least: 3 }],
  },
  'read-50': {
    title: 'A read: a session of fifty keys, of which the handler reads one',
    variants: ['bare', 'cookie', 'session', 'mgcrea', 'express', 'scs'],
    login: '/login50',
    ...READING,
    checkSessions: isReadByCookie,
    aims: [{ of: 'scs', to: 'session', least: 4 }],
  },
  'read-million': {
    ...{ title: 'A read among a million sessions in memory', variants: ['bare', 'scs', 'million'], login: '/login', ...READING },
    checkSessions: isReadByCookie,
    aims: [{ of: 'million', to: 'scs', least: 0.9 }],
  },
  'read-redis': readOf('redis', 'Redis'),
  'read-postgres': readOf('postgres', 'PostgreSQL'),
  'read-mysql': readOf('mysql', 'MariaDB'),
  'read-lmdb': {
    ...{ title: 'A read, LMDB', variants: ['bare', 'scs', 'lmdb'], login: '/login', ...READING, checkSessions: isReadByCookie },
    aims: [{ of: 'lmdb', to: 'scs', least: 0.8 }],
  },
}
