// The application under load, in a process of its own: `node --expose-gc app.mjs <settings as JSON>`. The process that started it asks, by
// messages, for samples, blinks and the end.
import { readdirSync, readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setImmediate as turn } from 'node:timers/promises'
import Fastify from 'fastify'
import scsSession from 'fastify-scs'
import { addRoutes, SCHEMA } from './routes.mjs'
import { openStore } from './stores.mjs'

const { store: name, pace, place } = JSON.parse(process.argv[2])
const opened = await openStore(name, place, pace)

/** How often each line was logged, for a log would grow. */
const said = {}
const note = (line) => {
  said[line] = (said[line] ?? 0) + 1
}
for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, (error) => note(`${event}: ${error?.stack ?? error}`))

const stream = { write: (line) => note(JSON.parse(line).msg) }
// A connection that waits for the next request is the client's to close.
const app = Fastify({ logger: { level: 'warn', stream }, keepAliveTimeout: 3_600_000 })
const { lifetime, idleTimeout, touchInterval, storeTimeout } = pace
await app.register(scsSession, { store: opened.store, schema: SCHEMA, owner: 'user', lifetime, idleTimeout, touchInterval, storeTimeout })
addRoutes(app)

const delay = monitorEventLoopDelay({ resolution: 5 })
delay.enable()

/** The garbage collection before a sample is no delay of the application's. */
async function sample() {
  const loop99 = delay.percentile(99) / 1e6
  const { user, system } = process.cpuUsage()
  delay.disable()
  globalThis.gc()
  await turn()
  globalThis.gc()
  const { heapUsed: heap, external, rss } = process.memoryUsage()
  delay.reset()
  delay.enable()
  return { heap, external, memory: ownMemory() ?? rss, loop99, cpu: user + system, handles: handles(), files: descriptors() }
}

/** What keeps this process alive, counted by kind. */
function handles() {
  const counts = {}
  for (const kind of process.getActiveResourcesInfo().sort()) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

const descriptors = () => fromProc(() => readdirSync('/proc/self/fd').length)
/** Without the pages of files: those of a mapped database are the cache's. */
const ownMemory = () => fromProc(() => Number(/RssAnon:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024)

/** Undefined where there is no /proc. */
function fromProc(read) {
  try {
    return read()
  } catch {
    return undefined
  }
}

const answers = {
  sample,
  rows: () => opened.rows(),
  said: () => said,
  blink: ({ kind, ms }) => opened.blink(kind, ms),
  async close() {
    await app.close()
    await opened.close()
    delay.disable()
    // From here on nothing but what was left behind keeps the process alive.
    process.channel.unref()
    setTimeout(() => process.send({ held: handles() }), 1000).unref()
  },
}

process.on('message', async ({ id, ask, ...rest }) => {
  try {
    process.send({ id, answer: await answers[ask](rest) })
  } catch (error) {
    process.send({ id, error: String(error?.stack ?? error) })
  }
})
process.once('disconnect', () => process.exit())
await app.listen({ port: 0, host: '127.0.0.1' })
process.send({ port: app.server.address().port })
