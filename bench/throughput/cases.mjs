import assert from 'node:assert/strict'
import { READ } from '../values.mjs'

const PLUGINS = ['bare', 'cookie', 'session', 'mgcrea', 'secure', 'express', 'scs']

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

const caseOf = (title, kind, login, variants, of, to, least) => ({ title, ...kind, login, variants, aims: [{ of, to, least }] })

/** A read of a store on a server, beside a handler that does nothing but ask the same server with the same driver. */
const readOf = (store, title) =>
  caseOf(`A read, ${title}`, READING, '/login', ['bare', `bare-${store}`, store], store, `bare-${store}`, 0.9)

const FIVE = 'A read: a session of five keys, of which the handler reads one'
const FIFTY = 'A read: a session of fifty keys, of which the handler reads one'
const UNUSED = 'A valid cookie, and a route that never touches the session'
const WRITE = 'A write: the handler sets one of the five keys to a new value'
const ALL_BUT_SECURE = PLUGINS.filter((name) => name !== 'secure')

/**
 * What is measured, by name: the request, what its reply must match, the variants, and what is aimed at. `check` holds a variant's replies
 * against what they must be before anything is measured, `checkSessions` those of the variants that keep sessions.
 */
export const cases = {
  'no-cookie': caseOf('A request without a cookie', UNTOUCHED, undefined, PLUGINS, 'scs', 'cookie', 0.97),
  untouched: caseOf(UNUSED, UNTOUCHED, '/login', PLUGINS, 'scs', 'cookie', 0.95),
  read: caseOf(FIVE, READING, '/login', PLUGINS, 'scs', 'cookie', 0.9),
  write: caseOf(WRITE, WRITING, '/login', PLUGINS, 'scs', 'session', 3),
  'read-50': caseOf(FIFTY, READING, '/login50', ALL_BUT_SECURE, 'scs', 'session', 4),
  'read-million': caseOf('A read among a million sessions in memory', READING, '/login', ['bare', 'scs', 'million'], 'million', 'scs', 0.9),
  'read-redis': readOf('redis', 'Redis'),
  'read-postgres': readOf('postgres', 'PostgreSQL'),
  'read-mysql': readOf('mysql', 'MariaDB'),
  'read-lmdb': caseOf('A read, LMDB', READING, '/login', ['bare', 'scs', 'lmdb'], 'lmdb', 'scs', 0.8),
}
