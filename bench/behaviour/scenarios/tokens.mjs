import { setTimeout as sleep } from 'node:timers/promises'
import { cookieFate, cookieOf, isIn, loggedIn, said, secretIn } from '../client.mjs'

const UNKNOWN = 'A'.repeat(43)

/** The cookie, and the secret in it. */
export const tokens = [
  {
    key: 'fixation',
    ask: 'A visitor with a planted cookie logs in, and the application asks for a new token: is the planted cookie logged in',
    see: async (app) => {
      const planted = await plantedIn(app, '/login')
      return app.renewal === undefined ? `${planted ? 'yes' : 'no'}: no such API` : `${planted ? '**yes**' : 'no'} (${app.renewal})`
    },
  },
  {
    key: 'fixation-plain',
    ask: 'The same when the application does not ask: is the planted cookie logged in',
    see: async (app) => ((await plantedIn(app, '/login-plainly')) ? 'yes' : 'no'),
  },
  { key: 'adoption', ask: 'A well-formed token that nobody issued, and one that was logged out: does a write adopt it', see: adoption },
  {
    key: 'two-cookies',
    ask: "Two cookies of the session's name, the attacker's own session first: who is the visitor",
    see: attackerFirst,
  },
  { key: 'junk-cookie', ask: 'Two cookies of the name, junk first: is the visitor still logged in', see: junkFirst },
  { key: 'flags', ask: 'Cookie flags over https when the application says nothing about cookies', see: flags },
  { key: 'cache', ask: 'What tells caches to keep a reply with Set-Cookie to itself', see: (app) => caching(app, '/visit') },
  {
    key: 'cache-public',
    ask: 'The same when the route says `Cache-Control: public, max-age=60`',
    see: (app) => caching(app, '/cached-visit'),
  },
  { key: 'logout-cookie', ask: 'Logout: does the reply clear the cookie', see: logoutReply },
  { key: 'at-rest', ask: 'Is the session token in the store, in the clear', see: tokenAtRest },
  {
    key: 'in-logs',
    ask: 'Is the session token in the log at level trace (express-session: `DEBUG=express-session`)',
    see: tokenInLogs,
    alone: true,
    env: { DEBUG: 'express-session' },
  },
]

async function plantedIn(app, url) {
  const planted = cookieOf(await app.request('POST', '/visit'))
  await app.request('POST', url, planted)
  return isIn(app, planted)
}

async function adoption(app) {
  const ended = await loggedIn(app)
  await app.request('POST', '/logout', ended)
  const invented = `${secretIn(ended).name}=${UNKNOWN}`
  const fates = []
  for (const cookie of [invented, ended]) fates.push(await adoptedBy(app, cookie))
  return fates.includes(true) ? '**yes**' : 'no, a new token'
}

async function adoptedBy(app, cookie) {
  const sent = cookieOf(await app.request('POST', '/visit', cookie))
  return sent === undefined || secretIn(sent).secret === secretIn(cookie).secret
}

async function attackerFirst(app) {
  const mine = await loggedIn(app)
  const attackers = await loggedIn(app)
  await app.request('POST', '/put/user', attackers)
  const { user } = said(await app.request('GET', '/me', `${attackers}; ${mine}`))
  if (user === 'mine') return '**the attacker**'
  return user === null ? 'nobody' : 'the visitor'
}

async function junkFirst(app) {
  const cookie = await loggedIn(app)
  return (await isIn(app, `${secretIn(cookie).name}=${UNKNOWN}; ${cookie}`)) ? 'yes' : '**no**'
}

async function flags(_app, start) {
  const app = await start({ defaults: true })
  const { setCookie } = await app.request('POST', '/visit', undefined, { 'x-forwarded-proto': 'https' })
  await app.close()
  const set = setCookie[0] ?? ''
  return ['HttpOnly', 'Secure', 'SameSite'].map((flag) => flagIn(set, flag)).join(', ')
}

function flagIn(line, flag) {
  return new RegExp(`; (${flag}(=\\w+)?)`, 'i').exec(line)?.[1] ?? `**no ${flag}**`
}

async function caching(app, url) {
  const { headers } = await app.request('POST', url)
  const control = headers['cache-control']
  const cell = [control === undefined ? undefined : `\`${control}\``, headers.vary && `\`Vary: ${headers.vary}\``]
    .filter(Boolean)
    .join(', ')
  if (cell === '') return '**nothing**'
  return control?.includes('public') ? `**${cell}**` : cell
}

async function logoutReply(app) {
  const cookie = await loggedIn(app)
  const reply = await app.request('POST', '/logout', cookie)
  return cookieFate(reply, cookie) === '**cookie cleared**' ? 'yes' : '**no**'
}

async function tokenAtRest(app) {
  const { secret, isSigned } = secretIn(await loggedIn(app))
  if (!app.network.hasPassed(secret)) return 'no'
  return isSigned ? '**yes**, without the signature that the cookie carries' : '**yes**'
}

/** In a process of its own: what is written to standard error counts as the log where a library knows no other. */
async function tokenInLogs(_app, start) {
  const lines = []
  const note = (line) => lines.push(String(line))
  const app = await start({ log: { write: note } })
  const cookies = await everything(app, note)
  const secrets = cookies.map((cookie) => secretIn(cookie).secret)
  const telling = lines.filter((line) => secrets.some((secret) => line.includes(secret)))
  if (telling.length === 0) return 'no'
  const isWhole = cookies.some((cookie) => lines.some((line) => line.includes(cookie.slice(cookie.indexOf('=') + 1))))
  return `**yes**${levelOf(telling)}${isWhole ? '' : ', without the signature'}`
}

/** One request of each kind, good and bad. Gives the cookies that were sent. */
async function everything(app, note) {
  const restore = hearStandardError(note)
  const sent = [await loggedIn(app)]
  const ask = async (method, url, cookie) => {
    const reply = await app.request(method, url, cookie)
    sent.push(cookieOf(reply) ?? sent[0])
  }
  await ask('POST', '/visit')
  await ask('GET', '/me', sent[0])
  await ask('POST', '/put/late', sent[0])
  await ask('POST', '/broken', sent[0])
  await ask('POST', '/visit', `${secretIn(sent[0]).name}=${UNKNOWN}`)
  app.network.break('fail', 'write')
  await ask('POST', '/put/later', sent[0])
  app.network.heal()
  await ask('POST', '/logout', sent[0])
  await ask('POST', '/visit', sent[0])
  await sleep(50)
  restore()
  return sent
}

function hearStandardError(note) {
  const { write } = process.stderr
  process.stderr.write = (line) => {
    note(line)
    return true
  }
  return () => {
    process.stderr.write = write
  }
}

/** The highest of pino's levels among some lines. */
function levelOf(lines) {
  const names = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error' }
  const levels = lines.map((line) => Number(/"level":(\d+)/.exec(line)?.[1] ?? 0))
  const name = names[Math.max(...levels)]
  return name === undefined ? '' : `, even at level ${name}`
}
