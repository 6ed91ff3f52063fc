import { setTimeout as sleep } from 'node:timers/promises'
import { endOf, isIn, loggedIn, said, secretIn, storedValue } from '../client.mjs'

/** Keys that are names of something else, in a language or in a library. */
export const NAMES = [
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'then', 'get', 'set', 'id', 'sessionId', 'cookie', 'save', 'touch'],
  ...['destroy', 'regenerate', 'reload', 'req', 'options', 'data', 'keys', 'status'],
]

const HARMLESS = new Set(['kept', 'refused'])

const code = (name) => `\`${name}\``

/** What becomes of the value and of the session. */
async function fateOf(app, name) {
  const cookie = await loggedIn(app)
  const { end, answer } = await endOf(app.request('POST', `/put/${name}`, cookie))
  if (end === 'hang') return 'no answer'
  if (end === 'crash') return 'the process ends'
  const after = await endOf(isIn(app, cookie))
  if (after.end !== 'answer' || !after.answer) return `${answer.status} and the session is broken`
  if (said(answer).refused) return 'refused'
  if (answer.status >= 500) return '500'
  const { answer: value } = await endOf(storedValue(app, cookie, name))
  return value === 'mine' ? 'kept' : 'lost in silence'
}

/** What is put into a session, and how often it is written. */
export const data = {
  async names(_app, start) {
    const fates = new Map()
    for (const name of NAMES) {
      const fate = await fateOf(await start(), name)
      fates.set(fate, [...(fates.get(fate) ?? []), name])
    }
    const told = ([fate, of]) => (HARMLESS.has(fate) ? `${fate}: ${of.length}` : `**${fate}**: ${of.map(code).join(' ')}`)
    return [...fates].map(told).join(', ')
  },
  async 'in-place'(app) {
    const cookie = await loggedIn(app)
    const reply = await app.request('POST', '/push', cookie)
    if (said(reply).refused) return 'refused at once'
    return (await storedValue(app, cookie, 'list')).length === 2 ? 'saved' : '**lost in silence**'
  },
  async big(app) {
    const cookie = await loggedIn(app)
    const { status, body } = await app.request('POST', '/big', cookie)
    const kept = await storedValue(app, cookie, 'big')
    if (status < 400) return kept?.length === 1_000_000 ? 'stored: no limit' : '**lost in silence**'
    return `${status} ${/FST_ERR_\w+/.exec(body)?.[0] ?? ''}, the rest of the session kept`
  },
  async 'destroy-twice'(app) {
    const cookie = await loggedIn(app)
    const { status } = await app.request('POST', '/logout-twice', cookie)
    return `${status}${(await isIn(app, cookie)) ? ', **still logged in**' : ''}`
  },
  async 'logout-twice'(app) {
    const cookie = await loggedIn(app)
    const statuses = []
    for (let time = 0; time < 2; time++) statuses.push((await app.request('POST', '/logout', cookie)).status)
    return statuses.join(', ')
  },
  async 'two-apps'(first, start) {
    const second = await start()
    second.network.startCounting()
    const cookie = await loggedIn(first)
    return second.network.writes() !== '0' || (await isIn(second, cookie)) ? '**yes**' : 'no'
  },
}

async function visits(app, cookie) {
  app.network.startCounting()
  for (let visit = 0; visit < 100; visit++) await app.request('GET', '/me', cookie, { 'x-forwarded-proto': 'https' })
  const writes = app.network.writes()
  return writes === '0' ? writes : `**${writes}**`
}

/** Whether a session lives through twice its idle timeout when it is read all the while. */
async function prolongs(app) {
  const cookie = await loggedIn(app)
  for (let read = 0; read < 6; read++) {
    await sleep(1000)
    await app.request('GET', '/me', cookie)
  }
  return (await isIn(app, cookie)) ? 'prolonged' : 'not prolonged'
}

/** How often the store is written for requests that change nothing. */
export const cost = {
  visits: (app) => visits(app),
  'visits-default': async (_app, start) => visits(await start({ defaults: true })),
  strangers: async (app) => visits(app, `${secretIn(await loggedIn(app)).name}=${'A'.repeat(43)}`),
  async reads(app, start) {
    const cookie = await loggedIn(app)
    app.network.startCounting()
    for (let read = 0; read < 10; read++) await app.request('GET', '/me', cookie)
    return `${app.network.writes()}; ${await prolongs(await start({ idle: 3000 }))}`
  },
}
