// One variant in a process of its own: `node server.mjs <variant>`. Says its port to the process that started it, and ends with it.
import Fastify from 'fastify'
import { FIFTY, READ, VALUES } from './cases.mjs'
import { variants } from './variants/index.mjs'

const { register, listen = listenFastify, read, write } = await variants[process.argv[2]].load()

let { visits } = VALUES

/** What every variant answers, by method and path: functions that take the request and give the body, or a promise of it. */
const routes = [
  ['GET', '/', () => 'hello'],
  ['POST', '/login', (request) => fill(request, VALUES)],
  ['POST', '/login50', (request) => fill(request, FIFTY)],
  ['GET', '/read', (request) => read(request, READ.key) ?? 'nobody'],
  ['POST', '/write', (request) => visit(request)],
  ['GET', '/visits', (request) => String(read(request, 'visits'))],
]

async function fill(request, values) {
  for (const [key, value] of Object.entries(values)) await write(request, key, value)
  return 'ok'
}

function visit(request) {
  visits++
  write(request, 'visits', visits)
  return String(visits)
}

async function listenFastify() {
  const app = Fastify()
  await register(app)
  for (const [method, url, answer] of routes) app.route({ method, url, handler: async (request) => answer(request) })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server.address().port
}

/** Asked, it says how much processor time it has used, in microseconds. */
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send({ cpu: user + system })
})
process.once('disconnect', () => process.exit())
process.send({ port: await listen(routes) })
