import { setTimeout as sleep } from 'node:timers/promises'
import { cookieFate, cookieOf, isIn, loggedIn, said, secretIn } from '../client.mjs'

const UNKNOWN = 'A'.repeat(43)

async function plantedIn(app, url) {
  const planted = cookieOf(await app.request('POST', '/visit'))
  await app.request('POST', url, planted)
  return isIn(app, planted)
}

async function adoptedBy(app, cookie) {
  const sent = cookieOf(await app.request('POST', '/visit', cookie))
  return sent === undefined || secretIn(sent).secret === secretIn(cookie).secret
}

function flagIn(line, flag) {
  return new RegExp(`; (${flag}(=\\w+)?)`, 'i').exec(line)?.[1] ?? `**no ${flag}**`
}

const caching = (url) => async (app) => {
  const { headers } = await app.request('POST', url)
  const control = headers['cache-control']
  const cell = [control === undefined ? undefined : `\`${control}\``, headers.vary && `\`Vary: ${headers.vary}\``]
    .filter(Boolean)
    .join(', ')
  if (cell === '') return '**nothing**'
  return control?.includes('public') ? `**${cell}**` : cell
}

/** One request of each kind, good and bad. Returns the cookies that were sent. */
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

/** The cookie, and the secret in it. */
export const tokens = {
  async fixation(app) {
    const planted = await plantedIn(app, '/login')
    return app.renewal === undefined ? `${planted ? 'yes' : 'no'}: no such API` : `${planted ? '**yes**' : 'no'} (${app.renewal})`
  },
  'fixation-plain': async (app) => ((await plantedIn(app, '/login-plainly')) ? 'yes' : 'no'),
  async adoption(app) {
    const ended = await loggedIn(app)
    await app.request('POST', '/logout', ended)
    const fates = []
    for (const cookie of [`${secretIn(ended).name}=${UNKNOWN}`, ended]) fates.push(await adoptedBy(app, cookie))
    return fates.includes(true) ? '**yes**' : 'no, a new token'
  },
  async 'two-cookies'(app) {
    const mine = await loggedIn(app)
    const attackers = await loggedIn(app)
    await app.request('POST', '/put/user', attackers)
    const { user } = said(await app.request('GET', '/me', `${attackers}; ${mine}`))
    if (user === 'mine') return '**the attacker**'
    return user === null ? 'nobody' : 'the visitor'
  },
  async 'junk-cookie'(app) {
    const cookie = await loggedIn(app)
    return (await isIn(app, `${secretIn(cookie).name}=${UNKNOWN}; ${cookie}`)) ? 'yes' : '**no**'
  },
  async flags(_app, start) {
    const app = await start({ defaults: true })
    const { setCookie } = await app.request('POST', '/visit', undefined, { 'x-forwarded-proto': 'https' })
    return ['HttpOnly', 'Secure', 'SameSite'].map((flag) => flagIn(setCookie[0] ?? '', flag)).join(', ')
  },
  cache: caching('/visit'),
  'cache-public': caching('/cached-visit'),
  async 'logout-cookie'(app) {
    const cookie = await loggedIn(app)
    const reply = await app.request('POST', '/logout', cookie)
    return cookieFate(reply, cookie) === '**cookie cleared**' ? 'yes' : '**no**'
  },
  async 'at-rest'(app) {
    const { secret, isSigned } = secretIn(await loggedIn(app))
    if (!app.network.hasPassed(secret)) return 'no'
    return isSigned ? '**yes**, without the signature that the cookie carries' : '**yes**'
  },
  /** In a process of its own: what is written to standard error counts as the log where a library knows no other. */
  async 'in-logs'(_app, start) {
    const lines = []
    const note = (line) => lines.push(String(line))
    const cookies = await everything(await start({ log: { write: note } }), note)
    const secrets = cookies.map((cookie) => secretIn(cookie).secret)
    const telling = lines.filter((line) => secrets.some((secret) => line.includes(secret)))
    if (telling.length === 0) return 'no'
    const isWhole = cookies.some((cookie) => lines.some((line) => line.includes(cookie.slice(cookie.indexOf('=') + 1))))
    return `**yes**${levelOf(telling)}${isWhole ? '' : ', without the signature'}`
  },
}
