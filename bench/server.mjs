// One variant in a process of its own: `node server.mjs <variant>`. Says its port to the process that started it, and ends with it.
import Fastify from 'fastify'
import { READ, VALUES } from './cases.mjs'
import { variants } from './variants/index.mjs'

const { register, read, write } = variants[process.argv[2]]
const app = Fastify()
await register(app)

let visits = VALUES.visits

app.get('/', async () => 'hello')
app.post('/login', async (request) => {
  for (const [key, value] of Object.entries(VALUES)) write(request, key, value)
  return 'ok'
})
app.get('/read', async (request) => read(request, READ.key) ?? 'nobody')
app.post('/write', async (request) => {
  visits++
  write(request, 'visits', visits)
  return String(visits)
})
app.get('/visits', async (request) => String(read(request, 'visits')))

/** Asked, it says how much processor time it has used, in microseconds. */
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send({ cpu: user + system })
})
process.once('disconnect', () => process.exit())
await app.listen({ port: 0, host: '127.0.0.1' })
process.send({ port: app.server.address().port })
