// `node bench/whole.mjs [case …]`: what whole requests cost inside one process, without a network: the finest measure there is of a change. Parts of
// a request that nobody can save, the kernel's and the parser's, are left out, so shares of this are not shares of a server's time.
import { mkdtempSync, rmSync } from 'node:fs'
import { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { circumstances } from '../test/support/circumstances.mjs'
import { table } from '../test/support/markdown.mjs'
import { FIFTY, VALUES } from './cases.mjs'
import { prepare } from './prepare.mjs'
import { median, save } from './report.mjs'

prepare()
const { default: Fastify } = await import('fastify')
const { default: fastifyCookie } = await import('@fastify/cookie')
const { default: scsSession, MemoryStore } = await import('../dist/index.js')
const { LmdbStore } = await import('../dist/stores/lmdb.js')

const CLIENTS = 50
const BATCH = 100
const [WARM_UP, ROUNDS] = [150, 250]

/** Takes what is sent, and drops it. */
class Socket extends Writable {
  remoteAddress = '127.0.0.1'
  readable = true
  _httpMessage = null
  _write(_chunk, _encoding, done) {
    done()
  }
  _writev(_chunks, done) {
    done()
  }
  setTimeout() {}
}

const socket = new Socket()

/** Sends one request through an application, headers read already. Resolves when the reply has been sent. */
function send(app, method, url, cookie) {
  const request = new IncomingMessage(socket)
  Object.assign(request, { method, url, httpVersion: '1.1', httpVersionMajor: 1, httpVersionMinor: 1 })
  request.headers = cookie === undefined ? { host: 'localhost:3000' } : { host: 'localhost:3000', cookie }
  const reply = new ServerResponse(request)
  reply.assignSocket(socket)
  return new Promise((resolve) => {
    reply.on('finish', () => {
      reply.detachSocket(socket)
      resolve(reply)
    })
    app.routing(request, reply)
  })
}

async function appOf(register, read, write) {
  const app = Fastify()
  await register(app)
  let visits = 1_000_000
  app.get('/', async () => 'hello')
  app.get('/read', async (request) => read(request))
  app.post('/write', async (request) => {
    visits++
    write(request, visits)
    return String(visits)
  })
  await app.ready()
  return app
}

const strangers = Array.from({ length: CLIENTS }, (_, i) => `session=${String(i).padStart(43, 'x')}`)

async function plain(register) {
  return {
    app: await appOf(
      register,
      () => VALUES.userId,
      () => {},
    ),
    cookies: strangers,
  }
}

async function sessions(values, store) {
  const app = await appOf(
    (made) => made.register(scsSession, { store }),
    (request) => request.session.get('userId'),
    (request, visits) => request.session.put('visits', visits),
  )
  const cookies = []
  for (let i = 0; i < CLIENTS; i++) cookies.push(`session=${(await app.sessions.create(values)).token}`)
  return { app, cookies }
}

const folder = mkdtempSync(join(tmpdir(), 'scs-whole-'))
const apps = {
  'Fastify alone': await plain(() => {}),
  'with @fastify/cookie': await plain((app) => app.register(fastifyCookie)),
  'fastify-scs, five keys': await sessions(VALUES, new MemoryStore()),
  'fastify-scs, fifty keys': await sessions(FIFTY, new MemoryStore()),
  'fastify-scs, five keys, LMDB': await sessions(VALUES, new LmdbStore(folder)),
}
const BASE = 'with @fastify/cookie'
const cases = {
  'no-cookie': { method: 'GET', url: '/', cookie: false },
  untouched: { method: 'GET', url: '/', cookie: true },
  read: { method: 'GET', url: '/read', cookie: true, body: VALUES.userId },
  write: { method: 'POST', url: '/write', cookie: true },
}

/** Nanoseconds of a request, over a batch. */
async function time({ app, cookies }, { method, url, cookie }) {
  const began = process.hrtime.bigint()
  for (let i = 0; i < BATCH; i++) await send(app, method, url, cookie ? cookies[i % CLIENTS] : undefined)
  return Number(process.hrtime.bigint() - began) / BATCH
}

async function measure(name) {
  // LMDB's writes wait for the disk.
  const names = Object.keys(apps).filter((each) => name !== 'write' || !each.includes('LMDB'))
  const samples = Object.fromEntries(names.map((each) => [each, []]))
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    for (const each of names) {
      const taken = await time(apps[each], cases[name])
      if (round >= WARM_UP) samples[each].push(taken)
    }
  }
  return names.map((each) => ({ case: name, variant: each, ns: median(samples[each]) }))
}

const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(cases)
const results = []
for (const name of chosen) results.push(...(await measure(name)))
const baseOf = (name) => results.find((each) => each.case === name && each.variant === BASE).ns
const rows = results.map((each) => [each.case, each.variant, each.ns.toFixed(0), (each.ns - baseOf(each.case)).toFixed(0)])
const made = circumstances('node bench/whole.mjs', ['fastify-scs', 'fastify', '@fastify/cookie'])
const text = `# Whole requests without a network

Nanoseconds, medians of ${ROUNDS} interleaved batches of ${BATCH} requests by ${CLIENTS} clients.

${table(['case', 'variant', 'ns', 'beyond @fastify/cookie'], rows)}

Node ${made.node}, ${made.cpu}, ${made.date.slice(0, 10)}. \`${made.command}\`
`
console.log(text)
if (chosen.length === Object.keys(cases).length) save('whole', { ...made, results }, text)
for (const { app } of Object.values(apps)) await app.close()
rmSync(folder, { recursive: true })
