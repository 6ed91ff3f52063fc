import assert from 'node:assert/strict'

export const SECRET = 'a secret of the benchmark, long enough for everybody'

/** What each session holds, and the one of its keys that is read. */
export const VALUES = {
  userId: 'u-1042',
  name: 'Ada Lovelace',
  roles: ['user', 'editor'],
  theme: 'dark',
  visits: 1,
}
export const READ = { key: 'userId', value: VALUES.userId }

/** What is measured, by name. `check` holds the replies of a variant against what they must be, before anything is measured. */
export const cases = {
  'no-cookie': {
    title: 'A request without a cookie',
    request: { method: 'GET', path: '/' },
    async check(call) {
      const reply = await call('GET', '/')
      assert.equal(reply.body, 'hello')
      assert.equal(reply.cookie, undefined, 'a request that stores nothing gets no cookie')
    },
  },
  read: {
    title: 'A read: a valid cookie, a session of five keys, of which the handler reads one',
    request: { method: 'GET', path: '/read', cookie: true },
    async check(call, cookie) {
      const reply = await call('GET', '/read', cookie)
      assert.equal(reply.body, READ.value)
      assert.equal(reply.cookie, undefined, 'a read sets no cookie')
    },
    async checkSessions(call) {
      assert.notEqual((await call('GET', '/read')).body, READ.value, 'without a cookie there is no session to read')
    },
  },
  write: {
    title: 'A write: the handler sets one of the five keys to a new value',
    request: { method: 'POST', path: '/write', cookie: true },
    async check(call, cookie) {
      assert.match((await call('POST', '/write', cookie)).body, /^\d+$/)
    },
    async checkSessions(call, cookie) {
      for (let i = 0; i < 3; i++) {
        const { body } = await call('POST', '/write', cookie)
        assert.equal((await call('GET', '/visits', cookie)).body, body, 'what was written is what is read afterwards')
        assert.equal((await call('GET', '/read', cookie)).body, READ.value, 'the other keys stay')
      }
    },
  },
}
