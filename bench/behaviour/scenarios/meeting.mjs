import { cookieOf, isIn, loggedIn, meanwhile, said, stillIn, storedValue } from '../client.mjs'

const TEN = Array.from({ length: 10 }, (_, index) => `key${index}`)
const nothing = () => {}

const logoutDuring = (method, url) => async (app) => {
  const cookie = await loggedIn(app)
  const begin = () => [app.request(method, url, cookie)]
  const { late } = await meanwhile(app, begin, () => app.request('POST', '/logout', cookie))
  return `${await stillIn(app, cookie)}; late request: ${late[0].status}`
}

/** A late reply that still sets the old cookie takes the new one away from the browser. */
function lateCookie(reply, old) {
  if (reply.setCookie.length === 0) return 'no cookie'
  return cookieOf(reply) === old ? '**sets the old cookie again**' : '**sets another cookie**'
}

/** Requests of one session at the same time. */
export const meeting = {
  async 'ten-keys'(app) {
    const cookie = await loggedIn(app)
    await meanwhile(app, () => TEN.map((key) => app.request('POST', `/slow-write/${key}`, cookie)), nothing)
    const values = await Promise.all(TEN.map((key) => storedValue(app, cookie, key)))
    const kept = values.filter(Boolean).length
    return kept === TEN.length ? `${kept}` : `**${kept}**`
  },
  'logout-read': logoutDuring('GET', '/slow-read/user'),
  'logout-write': logoutDuring('POST', '/slow-write/late'),
  'logout-throw': logoutDuring('POST', '/slow-throw'),
  async 'login-write'(app) {
    const cookie = await loggedIn(app)
    if (app.renewal === undefined) return 'no such API'
    const begin = () => [app.request('POST', '/slow-write/late', cookie)]
    const { done, late } = await meanwhile(app, begin, () => app.request('POST', '/login', cookie))
    const renewed = cookieOf(done)
    if (renewed === undefined || renewed === cookie) throw new Error('the login gave no new token')
    return `${await stillIn(app, cookie)}; late request: ${late[0].status}, ${lateCookie(late[0], cookie)}`
  },
  async 'two-logins'(app) {
    const cookie = cookieOf(await app.request('POST', '/visit'))
    const { late } = await meanwhile(app, () => ['A', 'B'].map(() => app.request('POST', '/slow-login', cookie)), nothing)
    const lives = await Promise.all(late.map((reply) => isIn(app, cookieOf(reply) ?? cookie)))
    const both = lives.every(Boolean) ? 'both' : `**${lives.filter(Boolean).length}**`
    return `${both}; ${app.renewal === undefined ? 'no new token' : await stillIn(app, cookie)}`
  },
  async 'two-pops'(app) {
    const cookie = await loggedIn(app)
    const { late } = await meanwhile(app, () => ['A', 'B'].map(() => app.request('POST', '/slow-pop', cookie)), nothing)
    const got = late.filter((reply) => said(reply).flash === 'welcome').length
    return got === 1 ? '1' : `**${got}**`
  },
}
