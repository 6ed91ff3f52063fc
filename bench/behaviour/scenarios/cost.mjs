import { setTimeout as sleep } from 'node:timers/promises'
import { isIn, loggedIn, secretIn } from '../client.mjs'

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
