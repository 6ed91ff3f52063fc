import { cookieOf, isIn, said, storedValue } from '../client.mjs'
import { everyOrder } from '../orders.mjs'

/** What the requests of a pair do; each puts a key of its own. */
const REQUESTS = {
  read: ['GET', () => '/me'],
  write: ['POST', (name) => `/put/by${name}`],
  fail: ['POST', () => '/broken'],
  logout: ['POST', () => '/logout'],
  login: ['POST', () => '/login'],
}

async function count(app, pairs, isBad) {
  let [bad, all] = [0, 0]
  for (const pair of pairs) {
    await everyOrder(app.network, async () => {
      const run = { app, cookie: cookieOf(await app.request('POST', '/login')), replies: {} }
      const look = async () => {
        all++
        if (await isBad(run)) bad++
      }
      return { jobs: jobsOf(run, pair), look }
    })
  }
  return bad === 0 ? `0 of ${all}` : `**${bad} of ${all}**`
}

function jobsOf({ app, cookie, replies }, pair) {
  const job = (name, request) => async () => {
    const [method, url] = REQUESTS[request]
    replies[name] = { request, reply: await app.request(method, url(name), cookie, { 'x-actor': name }) }
  }
  return { A: job('A', pair[0]), B: job('B', pair[1]) }
}

/** Whether the old cookie works although a logout, or a login with a new token, was answered 200. */
async function oldLives({ app, cookie, replies }) {
  const ended = Object.values(replies).some(({ request, reply }) => ['login', 'logout'].includes(request) && reply.status === 200)
  return ended && (await isIn(app, cookie))
}

/** Whether a login was answered 200 and its cookie is worth nothing. */
async function newDies({ app, replies }) {
  const { reply } = replies['A']
  return reply.status === 200 && !(await isIn(app, cookieOf(reply)))
}

async function losesWrite({ app, cookie, replies }) {
  for (const [name, { request, reply }] of Object.entries(replies)) {
    const isSaved = request === 'write' && reply.status === 200 && said(reply).ok
    if (isSaved && (await storedValue(app, cookie, `by${name}`)) !== 'mine') return true
  }
  return false
}

const withAnyOf = (first, seconds, isBad) => (app) =>
  first === 'login' && app.renewal === undefined
    ? 'no such API'
    : count(
        app,
        seconds.map((second) => [first, second]),
        isBad,
      )

/** Every order of the store calls of two requests of one session, held one by one and let go in turn. */
export const orders = {
  'orders-logout': withAnyOf('logout', ['read', 'write', 'fail', 'login', 'logout'], oldLives),
  'orders-login': withAnyOf('login', ['read', 'write', 'fail', 'login'], oldLives),
  'orders-login-in': withAnyOf('login', ['read', 'write', 'fail'], newDies),
  'orders-write': withAnyOf('write', ['read', 'write'], losesWrite),
}
