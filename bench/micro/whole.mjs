// What whole requests cost inside one process, without a network: the finest measure there is of a change. Parts of a request that nobody can
// save, the kernel's and the parser's, are left out, so shares of this are not shares of a server's time.
import { mkdtempSync, rmSync } from 'node:fs'
import { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import fastifyCookie from '@fastify/cookie'
import Fastify from 'fastify'
import scsSession, { MemoryStore } from '../../dist/index.js'
import { LmdbStore } from '../../dist/stores/lmdb.js'
import { interleave, median } from '../runner.mjs'
import { FIFTY, VALUES } from '../values.mjs'

const [CLIENTS, BATCH, WARM_UPS, ROUNDS] = [50, 100, 150, 250]

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

const constant = () => VALUES.userId

const plain = async (register) => ({ app: await appOf(register, constant, () => {}), cookies: strangers })

async function sessions(values, store) {
  const app = await appOf(
    (made) => made.register(scsSession, { store }),
    ({ session }) => session.get('userId'),
    ({ session }, visits) => session.put('visits', visits),
  )
  const cookies = []
  for (let i = 0; i < CLIENTS; i++) cookies.push(`session=${(await app.sessions.create(values)).token}`)
  return { app, cookies }
}

const appsWith = async (folder) => ({
  'Fastify alone': await plain(() => {}),
  'with @fastify/cookie': await plain((app) => app.register(fastifyCookie)),
  'fastify-scs, five keys': await sessions(VALUES, new MemoryStore()),
  'fastify-scs, fifty keys': await sessions(FIFTY, new MemoryStore()),
  'fastify-scs, five keys, LMDB': await sessions(VALUES, new LmdbStore(folder)),
})

const CASES = {
  'no-cookie': { method: 'GET', url: '/', cookie: false },
  untouched: { method: 'GET', url: '/', cookie: true },
  read: { method: 'GET', url: '/read', cookie: true },
  write: { method: 'POST', url: '/write', cookie: true },
}

/** Nanoseconds of a request, over a batch. */
async function time({ app, cookies }, { method, url, cookie }) {
  const began = process.hrtime.bigint()
  for (let i = 0; i < BATCH; i++) await send(app, method, url, cookie ? cookies[i % CLIENTS] : undefined)
  return Number(process.hrtime.bigint() - began) / BATCH
}

/** A case after the other: in a case all variants take turns. */
async function measureCase(name, apps, share) {
  // LMDB's writes wait for the disk.
  const variants = Object.keys(apps).filter((each) => name !== 'write' || !each.includes('LMDB'))
  const turns = { rounds: Math.ceil(ROUNDS * share), warmUps: Math.ceil(WARM_UPS * share) }
  const measured = await interleave([variants.map((variant) => ({ variant }))], turns, ({ variant }) => time(apps[variant], CASES[name]))
  return measured.map(({ variant, samples }) => ({ case: name, variant, ns: median(samples) }))
}

export async function measure({ share }) {
  const folder = mkdtempSync(join(tmpdir(), 'scs-whole-'))
  const apps = await appsWith(folder)
  const results = []
  for (const name of Object.keys(CASES)) results.push(...(await measureCase(name, apps, share)))
  for (const { app } of Object.values(apps)) await app.close()
  rmSync(folder, { recursive: true })
  return { packages: ['fastify-scs', 'fastify', '@fastify/cookie'], tables: { results } }
}
