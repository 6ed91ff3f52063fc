// What whole requests cost inside one process, without a network: the finest measure there is of a change. Parts of a request that nobody can
// save, the kernel's and the parser's, are left out, so shares of this are not shares of a server's time.
import { IncomingMessage, ServerResponse } from 'node:http'
import { Writable } from 'node:stream'
import { interleave, median } from '../runner.mjs'
import { appOf } from '../throughput/server.mjs'
import { variants } from '../throughput/variants.mjs'

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

/** The variants of throughput, by their names here, and how their clients log in. */
const VARIANTS = {
  'Fastify alone': ['bare', '/login'],
  'with @fastify/cookie': ['cookie', '/login'],
  'fastify-scs, five keys': ['scs', '/login'],
  'fastify-scs, fifty keys': ['scs', '/login50'],
  'fastify-scs, five keys, LMDB': ['lmdb', '/login'],
}

/** Where nothing is kept, a cookie looks like a session's. */
async function applicationOf([variant, login]) {
  const app = await appOf(await variants[variant].load({}))
  const cookies = []
  for (let i = 0; i < CLIENTS; i++) {
    const [set] = (await app.inject({ method: 'POST', url: login })).cookies
    cookies.push(`session=${set?.value ?? String(i).padStart(43, 'x')}`)
  }
  return { app, cookies }
}

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
  const apps = {}
  for (const [name, variant] of Object.entries(VARIANTS)) apps[name] = await applicationOf(variant)
  const results = []
  for (const name of Object.keys(CASES)) results.push(...(await measureCase(name, apps, share)))
  for (const { app } of Object.values(apps)) await app.close()
  return { packages: ['fastify-scs', 'fastify', '@fastify/cookie'], tables: { results } }
}
