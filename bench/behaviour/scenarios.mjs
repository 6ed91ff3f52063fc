import { startApp } from './apps.mjs'
import { cost, data, NAMES } from './scenarios/data.mjs'
import { faults } from './scenarios/faults.mjs'
import { meeting } from './scenarios/meeting.mjs'
import { orders } from './scenarios/orders.mjs'
import { tokens } from './scenarios/tokens.mjs'

/** What each row of the result asks. */
const ASKED = {
  'ten-keys': 'Ten requests at once, each putting a key of its own: how many of the ten keys are kept',
  'logout-read': 'Logout while a request that only reads is in flight: is the old cookie logged in afterwards',
  'logout-write': 'Logout while a request that writes is in flight: is the old cookie logged in afterwards',
  'logout-throw': 'Logout while a request that writes and then throws is in flight: is the old cookie logged in afterwards',
  'login-write': 'Login again (new token) while a write with the old token is in flight: is the old cookie logged in afterwards',
  'two-logins': 'Two logins at once with one cookie: are both logged in afterwards; is the old cookie',
  'two-pops': 'Two requests at once that take out the same value: how many get it',
  'orders-logout':
    'Logout and another request (read, write, failing write, login, logout), in every order of their store calls: orders in which the old cookie is logged in afterwards',
  'orders-login':
    'Login with a new token and another request (read, write, failing write, login), in every order: orders in which the old cookie is logged in afterwards',
  'orders-login-in':
    'Login with a new token and another request (read, write, failing write), in every order: orders in which the new cookie is not logged in afterwards',
  'orders-write':
    'A write and another request (read, write of another key), in every order: orders that lose a write that was answered 200',
  fixation: 'A visitor with a planted cookie logs in, and the application asks for a new token: is the planted cookie logged in',
  'fixation-plain': 'The same when the application does not ask: is the planted cookie logged in',
  adoption: 'A well-formed token that nobody issued, and one that was logged out: does a write adopt it',
  'two-cookies': "Two cookies of the session's name, the attacker's own session first: who is the visitor",
  'junk-cookie': 'Two cookies of the name, junk first: is the visitor still logged in',
  flags: 'Cookie flags over https when the application says nothing about cookies',
  cache: 'What tells caches to keep a reply with Set-Cookie to itself',
  'cache-public': 'The same when the route says `Cache-Control: public, max-age=60`',
  'logout-cookie': 'Logout: does the reply clear the cookie',
  'at-rest': 'Is the session token in the store, in the clear',
  'in-logs': 'Is the session token in the log at level trace (express-session: `DEBUG=express-session`)',
  'store-fails': 'The store fails while a logged-in user makes a request',
  'store-hangs': 'The store hangs while a logged-in user makes a request: is there an answer within 10 s',
  'login-fails': "The store fails at login's save: is a cookie sent",
  'logout-fails': "The store fails at logout's delete",
  'handler-throws': 'The handler throws after changing the session: what of the half-done change',
  spoilt: 'Nine rows that cannot be read (cut off, garbage, JSON of another shape, a moment that is none): what becomes of their visitors',
  unreturned: 'An async handler calls `reply.send()` without returning it: does the process survive',
  visits: '100 requests without a cookie that read the session: store writes',
  'visits-default': "The same with each library's own defaults: store writes",
  strangers: '100 requests with an unknown token that read the session: store writes',
  reads: '10 requests that read a logged-in session: store writes; does reading prolong the idle timeout',
  names: `A value under each of ${NAMES.length} keys such as \`__proto__\`, \`cookie\`, \`save\``,
  'in-place': 'A stored array that is changed in place (`push`)',
  big: 'A value of a megabyte',
  'destroy-twice': 'A handler destroys the session twice',
  'logout-twice': 'Two logouts, one after the other, with the same cookie',
  'two-apps': 'Two applications in one process: does the store of the second get sessions of the first',
}

/** Rows that a process may not survive: each library is observed in one of its own, with further environment. */
const ALONE = { names: {}, spoilt: {}, unreturned: {}, 'in-logs': { DEBUG: 'express-session' } }

const SEEN = { ...meeting, ...orders, ...tokens, ...faults, ...cost, ...data }

/** Each row: what it asks, and how it finds out, given an application and what starts another. `alone` is the environment of one alone. */
export const rows = Object.entries(ASKED).map(([key, ask]) => ({ key, ask, see: SEEN[key], alone: ALONE[key] }))

/** What is seen of some rows, in this process: by key and library. */
export async function observe({ keys, libraries }) {
  // Express reports there what it answers with 500, which is what the result says.
  console.error = () => {}
  // The first request loads modules, which Node 20 does not do for several at the same time.
  const first = await startApp('fastify-scs')
  await first.request('GET', '/me')
  await first.close()
  const cells = {}
  for (const key of keys) {
    const seen = await Promise.all(libraries.map((library) => cellOf(key, library)))
    cells[key] = Object.fromEntries(libraries.map((library, i) => [library, seen[i]]))
    process.stderr.write(`${key}: ${seen.join(' | ')}\n`)
  }
  return cells
}

async function cellOf(key, library) {
  const apps = []
  const start = async (options) => {
    apps.push(await startApp(library, options))
    return apps.at(-1)
  }
  try {
    return String(await rows.find((row) => row.key === key).see(await start(), start))
  } finally {
    for (const app of apps) await app.close()
  }
}
