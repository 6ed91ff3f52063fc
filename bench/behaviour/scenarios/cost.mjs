import { setTimeout as sleep } from 'node:timers/promises'
import { isIn, loggedIn, secretIn } from '../client.mjs'

/** How often the store is written for requests that change nothing. */
export const cost = [
  { key: 'visits', ask: '100 requests without a cookie that read the session: store writes', see: (app) => visits(app) },
  { key: 'visits-default', ask: "The same with each library's own defaults: store writes", see: visitsByDefault },
  { key: 'strangers', ask: '100 requests with an unknown token that read the session: store writes', see: strangers },
  {
    key: 'reads',
    ask: '10 requests that read a logged-in session: store writes; does reading prolong the idle timeout',
    see: reads,
  },
]

async function visits(app, cookie) {
  app.network.startCounting()
  for (let visit = 0; visit < 100; visit++) await app.request('GET', '/me', cookie, { 'x-forwarded-proto': 'https' })
  const writes = app.network.writes()
  return writes === '0' ? writes : `**${writes}**`
}

async function visitsByDefault(_app, start) {
  const app = await start({ defaults: true })
  const cell = await visits(app)
  await app.close()
  return cell
}

async function strangers(app) {
  return visits(app, `${secretIn(await loggedIn(app)).name}=${'A'.repeat(43)}`)
}

async function reads(app, start) {
  const cookie = await loggedIn(app)
  app.network.startCounting()
  for (let read = 0; read < 10; read++) await app.request('GET', '/me', cookie)
  return `${app.network.writes()}; ${await prolongs(await start({ idle: 3000 }))}`
}

/** Whether a session lives through twice its idle timeout when it is read all the while. */
async function prolongs(app) {
  const cookie = await loggedIn(app)
  for (let read = 0; read < 6; read++) {
    await sleep(1000)
    await app.request('GET', '/me', cookie)
  }
  const lives = await isIn(app, cookie)
  await app.close()
  return lives ? 'prolonged' : 'not prolonged'
}
