import { buildDemo } from './app.mjs'

const { PORT = '4000', SESSIONS = './build/demo-sessions', IDLE_TIMEOUT = '15m' } = process.env

const app = await buildDemo({
  path: SESSIONS,
  idleTimeout: /** @type {import('fastify-scs').Duration} */ (IDLE_TIMEOUT),
  logger: { level: 'warn' },
})
// With the address of this machine alone: on a network, the demo would show its passwords to everybody.
await app.listen({ port: Number(PORT), host: 'localhost' })
console.log(`The demo is at http://localhost:${PORT}`)

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.once(signal, () => app.close())
