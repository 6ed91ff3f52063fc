import { endOf, isIn, loggedIn, said, storedValue } from '../client.mjs'

/** Keys that are names of something else, in a language or in a library. */
const NAMES = [
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'then', 'get', 'set', 'id', 'sessionId', 'cookie', 'save', 'touch'],
  ...['destroy', 'regenerate', 'reload', 'req', 'options', 'data', 'keys', 'status'],
]

const HARMLESS = new Set(['kept', 'refused'])

/** What is put into a session, and how often it is written. */
export const data = [
  { key: 'names', ask: `A value under each of ${NAMES.length} keys such as \`__proto__\`, \`cookie\`, \`save\``, see: names, alone: true },
  { key: 'in-place', ask: 'A stored array that is changed in place (`push`)', see: inPlace },
  { key: 'big', ask: 'A value of a megabyte', see: bigValue },
  { key: 'destroy-twice', ask: 'A handler destroys the session twice', see: destroyTwice },
  { key: 'logout-twice', ask: 'Two logouts, one after the other, with the same cookie', see: logoutTwice },
  { key: 'two-apps', ask: 'Two applications in one process: does the store of the second get sessions of the first', see: twoApps },
]

async function names(_app, start) {
  const fates = new Map()
  for (const name of NAMES) {
    const fate = await fateOf(await start(), name)
    fates.set(fate, [...(fates.get(fate) ?? []), name])
  }
  return [...fates]
    .map(([fate, of]) => (HARMLESS.has(fate) ? `${fate}: ${of.length}` : `**${fate}**: ${of.map(code).join(' ')}`))
    .join(', ')
}

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
  await app.close()
  return value === 'mine' ? 'kept' : 'lost in silence'
}

async function inPlace(app) {
  const cookie = await loggedIn(app)
  const reply = await app.request('POST', '/push', cookie)
  if (said(reply).refused) return 'refused at once'
  return (await storedValue(app, cookie, 'list')).length === 2 ? 'saved' : '**lost in silence**'
}

async function bigValue(app) {
  const cookie = await loggedIn(app)
  const { status, body } = await app.request('POST', '/big', cookie)
  const kept = await storedValue(app, cookie, 'big')
  if (status < 400) return kept?.length === 1_000_000 ? 'stored: no limit' : '**lost in silence**'
  return `${status} ${/FST_ERR_\w+/.exec(body)?.[0] ?? ''}, the rest of the session kept`
}

async function destroyTwice(app) {
  const cookie = await loggedIn(app)
  const { status } = await app.request('POST', '/logout-twice', cookie)
  return `${status}${(await isIn(app, cookie)) ? ', **still logged in**' : ''}`
}

async function logoutTwice(app) {
  const cookie = await loggedIn(app)
  const statuses = []
  for (let time = 0; time < 2; time++) statuses.push((await app.request('POST', '/logout', cookie)).status)
  return statuses.join(', ')
}

async function twoApps(first, start) {
  const second = await start()
  second.network.startCounting()
  const cookie = await loggedIn(first)
  const strayed = second.network.writes() !== '0' || (await isIn(second, cookie))
  await second.close()
  return strayed ? '**yes**' : 'no'
}
