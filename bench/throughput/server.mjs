import Fastify from 'fastify'
import { FIFTY, READ, VALUES } from '../values.mjs'
import { variants } from './variants.mjs'

/** What every variant answers, by method and path: functions that take the request and return the body, or a promise of it. */
function routesOf({ read, write, renew }) {
  let { visits } = VALUES
  const fill = async (request, values) => {
    for (const [key, value] of Object.entries(values)) await write(request, key, value)
    return 'ok'
  }
  const visit = (request) => {
    visits++
    write(request, 'visits', visits)
    return String(visits)
  }
  const logIn = async (request) => {
    await renew?.(request)
    await write(request, READ.key, READ.value)
    await write(request, 'visits', 0)
    return 'ok'
  }
  return [
    ['GET', '/', () => 'hello'],
    ['POST', '/login', (request) => fill(request, VALUES)],
    ['POST', '/login50', (request) => fill(request, FIFTY)],
    ['GET', '/read', (request) => read(request, READ.key) ?? 'nobody'],
    ['POST', '/write', visit],
    ['POST', '/renew', logIn],
    ['GET', '/visits', (request) => String(read(request, 'visits'))],
  ]
}

/** A variant as an application of Fastify. */
export async function appOf(made) {
  const app = Fastify()
  await made.register(app)
  for (const [method, url, answer] of routesOf(made)) app.route({ method, url, handler: async (request) => answer(request) })
  return app
}

async function listenFastify(made) {
  const app = await appOf(made)
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server.address().port
}

/**
 * Serves a variant; asked, it says how much processor time it has used, in microseconds. `dist` is the package to measure, this checkout's when it is left out,
 * `port` that of the database, for a variant that has one.
 */
export async function serveVariant({ variant, dist, port }) {
  const made = await variants[variant].load({ dist, port })
  return { port: await (made.listen === undefined ? listenFastify(made) : made.listen(routesOf(made))), ask: () => process.cpuUsage() }
}
