import { setTimeout as sleep } from 'node:timers/promises'
import { cookieFate, cookieOf, endOf, isIn, loggedIn, said, storedValue, textFate } from '../client.mjs'

const PATIENCE = 10_000
const ALL = ['read', 'write', 'delete']

/** What a stored session may have become: a moment in it that is none, for one. */
const SPOILT = [
  (row) => row.slice(0, row.length / 2),
  () => 'garbage',
  () => 'null',
  () => '42',
  () => '"x"',
  () => '[]',
  () => '{}',
  () => '[1,2,3,4]',
  (row) => row.replace(/"\d{4}-\d\d-\d\dT[^"]*"|\b\d{13}\b/g, '"garbage"'),
]

const FOR_EVER = '**500 for ever**'
const ENDS = { hang: '**no answer**', crash: '**the process ends**' }

/** Three visits, then a login: what a browser with this cookie goes through. */
async function fateOf(app, change) {
  const cookie = await loggedIn(app)
  await app.spoil(change)
  const replies = []
  for (let visit = 0; visit < 3; visit++) {
    const { end, answer } = await endOf(app.request('GET', '/me', cookie))
    if (end !== 'answer') return ENDS[end]
    replies.push(answer)
  }
  const fate = fateIn(replies)
  const { end, answer } = await endOf(app.request('POST', '/login', cookie))
  if (end !== 'answer') return ENDS[end]
  return answer.status < 400 || fate === FOR_EVER ? fate : '**can never log in again**'
}

function fateIn(replies) {
  if (replies.at(-1).status >= 500) return FOR_EVER
  if (replies[0].status >= 500) return '**500 once**'
  return said(replies[0]).user === null ? 'new visitor' : 'session kept'
}

const bold = (status) => (status < 400 ? `**${status}**` : status)

/** A store that fails, hangs or holds what cannot be read; a handler that fails. */
export const faults = {
  async 'store-fails'(app) {
    const cookie = await loggedIn(app)
    app.network.break('fail', ...ALL)
    const reply = await app.request('GET', '/me', cookie)
    app.network.heal()
    const after = (await isIn(app, cookie)) ? 'logged in afterwards' : '**logged out afterwards**'
    const status = reply.status < 400 ? `**${reply.status}, as a stranger**` : reply.status
    return [status, textFate(reply), cookieFate(reply, cookie), after].join(', ')
  },
  async 'store-hangs'(app) {
    const cookie = await loggedIn(app)
    app.network.break('hang', ...ALL)
    const reply = await Promise.race([app.request('GET', '/me', cookie).catch(() => undefined), sleep(PATIENCE)])
    return reply === undefined ? '**no answer**' : `${reply.status}`
  },
  async 'login-fails'(app) {
    app.network.break('fail', 'write')
    const reply = await app.request('POST', '/login')
    return [bold(reply.status), cookieOf(reply) === undefined ? 'no cookie' : '**a cookie**', textFate(reply)].join(', ')
  },
  async 'logout-fails'(app) {
    const cookie = await loggedIn(app)
    app.network.break('fail', 'delete')
    const reply = await app.request('POST', '/logout', cookie)
    return [bold(reply.status), textFate(reply), cookieFate(reply, cookie)].join(', ')
  },
  async 'handler-throws'(app) {
    const cookie = await loggedIn(app)
    await app.request('POST', '/broken', cookie)
    return (await storedValue(app, cookie, 'half')) === null ? 'dropped' : '**stored**'
  },
  async spoilt(_app, start) {
    const fates = new Map()
    for (const change of SPOILT) {
      const fate = await fateOf(await start(), change)
      fates.set(fate, (fates.get(fate) ?? 0) + 1)
    }
    return [...fates].map(([fate, count]) => `${fate}: ${count}`).join(', ')
  },
  async unreturned(app) {
    if (app.listen === undefined) return 'does not apply'
    const response = await fetch(`${await app.listen()}/unreturned`, { method: 'POST' })
    await response.text()
    await sleep(100)
    return `yes, ${response.status}`
  },
}
