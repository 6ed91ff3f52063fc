import { setTimeout as sleep } from 'node:timers/promises'
import { cookieFate, cookieOf, isIn, loggedIn, meanwhile, stillIn, storedValue, textFate } from './client.mjs'
import { unreturned } from './unreturned.mjs'

const PATIENCE = 6000
const ALL = ['read', 'write', 'delete']
const TEN = Array.from({ length: 10 }, (_, index) => `key${index}`)

/** Each row of the table: what it asks, and how it finds out. */
export const scenarios = [
  ['Ten requests at once, each putting a key of its own: how many of the ten keys are kept', parallelPuts],
  [
    'Logout while a request that only reads is in flight: is the old cookie logged in afterwards',
    (app) => logoutDuring(app, 'GET', '/slow-read/user'),
  ],
  [
    'Logout while a request that writes is in flight: is the old cookie logged in afterwards',
    (app) => logoutDuring(app, 'POST', '/slow-write/late'),
  ],
  ['Login again (new token) while a write with the old token is in flight: is the old cookie logged in afterwards', renewalDuring],
  ['The store fails while a logged-in user makes a request', storeFails],
  ['The store hangs while a logged-in user makes a request: is there an answer within 6 s', storeHangs],
  ["The store fails at login's save: is a cookie sent", loginFails],
  ['100 requests without a cookie that read the session: store writes', visits],
  ['10 requests that read a logged-in session: store writes; does reading prolong the idle timeout', reads],
  ['Logout: does the reply clear the cookie', logoutReply],
  ['The handler throws after changing the session: what of the half-done change', handlerThrows],
  ['Is the session token in the store, in the clear', tokenAtRest],
  ['An async handler calls `reply.send()` without returning it: does the process survive', unreturned],
]

async function parallelPuts(app) {
  const cookie = await loggedIn(app)
  await meanwhile(
    app,
    () => TEN.map((key) => app.request('POST', `/slow-write/${key}`, cookie)),
    () => {},
  )
  const values = await Promise.all(TEN.map((key) => storedValue(app, cookie, key)))
  const kept = values.filter(Boolean).length
  return kept === TEN.length ? `${kept}` : `**${kept}**`
}

async function logoutDuring(app, method, url) {
  const cookie = await loggedIn(app)
  const { late } = await meanwhile(
    app,
    () => [app.request(method, url, cookie)],
    () => app.request('POST', '/logout', cookie),
  )
  return `${await stillIn(app, cookie)}; late request: ${late[0].status}`
}

async function renewalDuring(app) {
  const cookie = await loggedIn(app)
  const { done, late } = await meanwhile(
    app,
    () => [app.request('POST', '/slow-write/late', cookie)],
    () => app.request('POST', '/login', cookie),
  )
  const renewed = cookieOf(done)
  if (renewed === undefined || renewed === cookie) throw new Error('the login gave no new token')
  return `${await stillIn(app, cookie)}; late request: ${late[0].status}, ${lateCookie(late[0], cookie)}`
}

/** A late reply that still sets the old cookie takes the new one away from the browser. */
function lateCookie(reply, old) {
  if (reply.setCookie.length === 0) return 'no cookie'
  return cookieOf(reply) === old ? '**sets the old cookie again**' : '**sets another cookie**'
}

async function storeFails(app) {
  const cookie = await loggedIn(app)
  app.network.break('fail', ...ALL)
  const reply = await app.request('GET', '/me', cookie)
  app.network.heal()
  const after = (await isIn(app, cookie)) ? 'logged in afterwards' : '**logged out afterwards**'
  return [reply.status, textFate(reply), cookieFate(reply, cookie), after].join(', ')
}

async function storeHangs(app) {
  const cookie = await loggedIn(app)
  app.network.break('hang', ...ALL)
  const start = performance.now()
  const reply = await Promise.race([app.request('GET', '/me', cookie).catch(() => undefined), sleep(PATIENCE)])
  if (reply === undefined) return '**no answer**'
  return `${reply.status} after ${((performance.now() - start) / 1000).toFixed(1)} s`
}

async function loginFails(app) {
  app.network.break('fail', 'write')
  const reply = await app.request('POST', '/login')
  const sent = cookieOf(reply) === undefined ? 'no cookie' : '**a cookie**'
  return `${reply.status < 400 ? `**${reply.status}**` : reply.status}, ${sent}, ${textFate(reply)}`
}

async function visits(app) {
  app.network.startCounting()
  for (let visit = 0; visit < 100; visit++) await app.request('GET', '/me')
  return app.network.writes()
}

async function reads(app, start) {
  const cookie = await loggedIn(app)
  app.network.startCounting()
  for (let read = 0; read < 10; read++) await app.request('GET', '/me', cookie)
  return `${app.network.writes()}; ${await prolongs(await start({ idle: 1500 }))}`
}

/** Whether a session lives through twice its idle timeout when it is read all the while. */
async function prolongs(app) {
  const cookie = await loggedIn(app)
  for (let read = 0; read < 6; read++) {
    await sleep(500)
    await app.request('GET', '/me', cookie)
  }
  const lives = await isIn(app, cookie)
  await app.close()
  return lives ? 'prolonged' : 'not prolonged'
}

async function logoutReply(app) {
  const cookie = await loggedIn(app)
  const reply = await app.request('POST', '/logout', cookie)
  return cookieFate(reply, cookie) === '**cookie cleared**' ? 'yes' : '**no**'
}

async function handlerThrows(app) {
  const cookie = await loggedIn(app)
  await app.request('POST', '/broken', cookie)
  return (await storedValue(app, cookie, 'half')) === null ? 'dropped' : '**stored**'
}

/** A signed cookie is `id.signature`, perhaps after `s:`. */
async function tokenAtRest(app) {
  const [, value] = decodeURIComponent(await loggedIn(app)).split('=')
  const [id, signature] = value.replace(/^s:/, '').split('.')
  if (!app.network.hasPassed(id)) return 'no'
  return signature === undefined ? '**yes**' : '**yes**, without the signature that the cookie carries'
}
