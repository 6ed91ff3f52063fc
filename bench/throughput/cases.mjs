import assert from 'node:assert/strict'
import { READ } from '../values.mjs'

const PLUGINS = ['bare', 'cookie', 'session', 'mgcrea', 'secure', 'express', 'scs']
/** Where the others differ little from a read, or have no way to make a new token for a login. */
const FEW = ['bare', 'cookie', 'session', 'scs']

/** A request that no session is needed for. */
const UNTOUCHED = {
  request: { method: 'GET', path: '/' },
  pattern: '^hello$',
  async check(call, cookie) {
    const reply = await call('GET', '/', cookie)
    assert.equal(reply.body, 'hello')
    assert.equal(reply.cookie, undefined, 'a request that stores nothing gets no cookie')
  },
}

const READING = {
  request: { method: 'GET', path: '/read' },
  pattern: `^${READ.value.replace('-', '%-')}$`,
  async check(call, cookie) {
    const reply = await call('GET', '/read', cookie)
    assert.equal(reply.body, READ.value)
    assert.equal(reply.cookie, undefined, 'a read sets no cookie')
  },
  async checkSessions(call) {
    assert.notEqual((await call('GET', '/read')).body, READ.value, 'without a cookie there is no session to read')
  },
}

const WRITING = {
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
}

/** A login with a new token; each client goes on with the cookie that it was given. */
const RENEWING_TOKEN = {
  request: { method: 'POST', path: '/renew' },
  pattern: '^ok$',
  async check(call, cookie) {
    assert.equal((await call('POST', '/renew', cookie)).body, 'ok')
  },
  async checkSessions(call, cookie) {
    const old = (await call('POST', '/login')).cookie
    const reply = await call('POST', '/renew', old)
    assert.notEqual(reply.cookie, old, 'a login gives a new token')
    assert.notEqual(cookie, old, 'each login is a session of its own')
    assert.equal((await call('GET', '/read', reply.cookie)).body, READ.value, 'the login is there afterwards')
    assert.notEqual((await call('GET', '/read', old)).body, READ.value, 'the old token is of no use')
  },
}

const FIVE = 'A read: a session of five keys, of which the handler reads one'
const FIFTY = 'A read: a session of fifty keys and 3.5 KB, of which the handler reads one'
const UNUSED = 'A valid cookie, and a route that never touches the session'
const WRITE = 'A write: the handler sets one of the five keys to a new value'
const RENEWAL = 'A login: the handler renews the token and sets two keys'
const ALL_BUT_SECURE = PLUGINS.filter((name) => name !== 'secure')

/** A case whose aim is a store of ours: at `most` so many microseconds of user time a request beyond the `base`. */
const caseOf = (title, kind, login, variants, most) => ({ title, ...kind, login, variants, of: 'scs', base: 'cookie', most })

/** A read of another store, beside a base. */
const readOf = (of, base, title, most) => ({ title, ...READING, login: '/login', variants: [base, of], of, base, most })

/**
 * What is measured, by name: the request, what its reply must match, the variants, and what is aimed at. `check` holds a variant's replies
 * against what they must be before anything is measured, `checkSessions` those of the variants that keep sessions.
 */
export const cases = {
  'no-cookie': caseOf('A request without a cookie', UNTOUCHED, undefined, FEW, 0.3),
  untouched: caseOf(UNUSED, UNTOUCHED, '/login', FEW, 0.7),
  read: caseOf(FIVE, READING, '/login', PLUGINS, 1),
  write: caseOf(WRITE, WRITING, '/login', PLUGINS, 4.5),
  login: caseOf(RENEWAL, RENEWING_TOKEN, '/login', FEW, 12),
  'read-50': caseOf(FIFTY, READING, '/login50', ALL_BUT_SECURE, 1.5),
  'read-million': readOf('million', 'scs', 'A read among a million sessions in memory'),
  'read-redis': readOf('redis', 'bare-redis', 'A read, Redis', 2),
  'read-postgres': readOf('postgres', 'bare-postgres', 'A read, PostgreSQL', 8),
  'read-mysql': readOf('mysql', 'bare-mysql', 'A read, MariaDB', 12),
  'read-lmdb': readOf('lmdb', 'scs', 'A read, LMDB'),
}

/** What is measured on a Node that fewer people start anew today. */
export const ON_OLDER_NODES = { cases: ['no-cookie', 'untouched', 'read', 'write'], variants: ['cookie', 'session', 'scs'] }
