import { cookieOf, isIn, loggedIn, meanwhile, said, stillIn, storedValue } from '../client.mjs'

const TEN = Array.from({ length: 10 }, (_, index) => `key${index}`)

/** Requests of one session at the same time. */
export const meeting = [
  {
    key: 'ten-keys',
    ask: 'Ten requests at once, each putting a key of its own: how many of the ten keys are kept',
    see: parallelPuts,
  },
  {
    key: 'logout-read',
    ask: 'Logout while a request that only reads is in flight: is the old cookie logged in afterwards',
    see: (app) => logoutDuring(app, 'GET', '/slow-read/user'),
  },
  {
    key: 'logout-write',
    ask: 'Logout while a request that writes is in flight: is the old cookie logged in afterwards',
    see: (app) => logoutDuring(app, 'POST', '/slow-write/late'),
  },
  {
    key: 'logout-throw',
    ask: 'Logout while a request that writes and then throws is in flight: is the old cookie logged in afterwards',
    see: (app) => logoutDuring(app, 'POST', '/slow-throw'),
  },
  {
    key: 'login-write',
    ask: 'Login again (new token) while a write with the old token is in flight: is the old cookie logged in afterwards',
    see: renewalDuring,
  },
  {
    key: 'two-logins',
    ask: 'Two logins at once with one cookie: are both logged in afterwards; is the old cookie',
    see: twoLogins,
  },
  {
    key: 'two-pops',
    ask: 'Two requests at once that take out the same value: how many get it',
    see: twoPops,
  },
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
  if (app.renewal === undefined) return 'no such API'
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

async function twoLogins(app) {
  const cookie = cookieOf(await app.request('POST', '/visit'))
  const { late } = await meanwhile(
    app,
    () => [app.request('POST', '/slow-login', cookie), app.request('POST', '/slow-login', cookie)],
    () => {},
  )
  const lives = await Promise.all(late.map((reply) => isIn(app, cookieOf(reply) ?? cookie)))
  if (app.renewal === undefined) return `${bothIn(lives)}; no new token`
  return `${bothIn(lives)}; ${await stillIn(app, cookie)}`
}

function bothIn(lives) {
  return lives.every(Boolean) ? 'both' : `**${lives.filter(Boolean).length}**`
}

async function twoPops(app) {
  const cookie = await loggedIn(app)
  const { late } = await meanwhile(
    app,
    () => [app.request('POST', '/slow-pop', cookie), app.request('POST', '/slow-pop', cookie)],
    () => {},
  )
  const got = late.filter((reply) => said(reply).flash === 'welcome').length
  return got === 1 ? '1' : `**${got}**`
}
