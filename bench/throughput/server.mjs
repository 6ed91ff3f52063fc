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
  return app.server
}

/** Milliseconds. In some of them nobody else disturbs the process. */
const WINDOW = 100

/** Notes how many requests a server takes in each window, and the processor time of this process, in microseconds. Returns what there is since it was asked last. */
function watch(server) {
  let [windows, requests, before] = [[], 0, process.cpuUsage()]
  server.on('request', () => requests++)
  const note = () => {
    const now = process.cpuUsage()
    windows.push({ requests, user: now.user - before.user, system: now.system - before.system })
    requests = 0
    before = now
  }
  setInterval(note, WINDOW).unref()
  return () => {
    note()
    const seen = windows
    windows = []
    return seen
  }
}

/**
 * Serves a variant; asked, it says what it did and used since it was asked last, window by window. `dist` is the package to measure, this checkout's when it is left out,
 * `port` that of the database, for a variant that has one.
 */
export async function serveVariant({ variant, dist, port }) {
  const made = await variants[variant].load({ dist, port })
  const server = await (made.listen === undefined ? listenFastify(made) : made.listen(routesOf(made)))
  return { port: server.address().port, ask: watch(server) }
}
