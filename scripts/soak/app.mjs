// The application under load, in a process of its own: `node --expose-gc app.mjs <settings as JSON>`. The process that started it asks, by
// messages, for samples, blinks and the end.
import Fastify from 'fastify'
import scsSession from 'fastify-scs'
import { addRoutes, SCHEMA } from './routes.mjs'
import { Sampler } from './sampler.mjs'
import { openStore } from './stores.mjs'

const { store: name, pace, place } = JSON.parse(process.argv[2])
const sampler = new Sampler()
const opened = await openStore(name, place, pace)
/** How often each thing was said, for a log would grow. */
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

const answers = {
  sample: () => sampler.take(),
  rows: () => opened.rows?.(),
  said: () => said,
  blink: ({ kind, ms }) => opened.blink?.(kind, ms),
  async close() {
    await app.close()
    await opened.close()
    sampler.stop()
    // From here on nothing but what was left behind keeps the process alive.
    process.channel.unref()
    setTimeout(() => process.send({ held: sampler.handles() }), 1000).unref()
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
