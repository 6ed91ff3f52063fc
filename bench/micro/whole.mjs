// What whole requests cost inside one process, without a network: the finest measure there is of a change. Parts of a request that nobody can
// save, the kernel's and the parser's, are left out, so shares of this are not shares of a server's time.
import { IncomingMessage, ServerResponse } from 'node:http'
import { Writable } from 'node:stream'
import { interleave, percentile } from '../runner.mjs'
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

/** The variants of throughput, by their names here, how their clients log in, and the package where it is not this one. */
const VARIANTS = {
  'Fastify alone': ['bare', '/login'],
  'with @fastify/cookie': ['cookie', '/login'],
  'fastify-scs, five keys': ['scs', '/login'],
  'fastify-scs, fifty keys': ['scs', '/login50'],
  'fastify-scs, five keys, LMDB': ['lmdb', '/login'],
}

/** This package and another in turns, beside what both are held against. */
function withBase(dist) {
  const [cookie, five, fifty] = ['with @fastify/cookie', 'fastify-scs, five keys', 'fastify-scs, fifty keys']
  const pair = (name) => ({ [name]: VARIANTS[name], [`${name}, the base`]: [...VARIANTS[name], dist] })
  return { [cookie]: VARIANTS[cookie], ...pair(five), ...pair(fifty) }
}

/** Where nothing is kept, a cookie looks like a session's. */
async function applicationOf([variant, login, dist]) {
  const app = await appOf(await variants[variant].load({ dist }))
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
  login: { method: 'POST', url: '/renew', cookie: true },
}

/** Of all batches the tenth that took least: a neighbour on the machine disturbs the others. */
const LEAST = 0.1

/** Nanoseconds of a request, over a batch. */
async function time({ app, cookies }, { method, url, cookie }) {
  const began = process.hrtime.bigint()
  for (let i = 0; i < BATCH; i++) {
    const reply = await send(app, method, url, cookie ? cookies[i % CLIENTS] : undefined)
    const renewed = /set-cookie: ([^;]+)/.exec(url === '/renew' ? reply._header : '')
    if (renewed !== null) cookies[i % CLIENTS] = renewed[1]
  }
  return Number(process.hrtime.bigint() - began) / BATCH
}

/** A case after the other: in a case all variants take turns. */
async function measureCase(name, apps, share) {
  // LMDB's writes wait for the disk.
  const waits = name === 'write' || name === 'login'
  const variants = Object.keys(apps).filter((each) => !waits || !each.includes('LMDB'))
  const turns = { rounds: Math.ceil(ROUNDS * share), warmUps: Math.ceil(WARM_UPS * share) }
  const measured = await interleave([variants.map((variant) => ({ variant }))], turns, ({ variant }) => time(apps[variant], CASES[name]))
  return measured.map(({ variant, samples }) => ({ case: name, variant, ns: percentile(samples, LEAST) }))
}

export async function measure({ share, base }) {
  const apps = {}
  const subjects = base === undefined ? VARIANTS : withBase(base)
  for (const [name, variant] of Object.entries(subjects)) apps[name] = await applicationOf(variant)
  const results = []
  for (const name of Object.keys(CASES)) results.push(...(await measureCase(name, apps, share)))
  for (const { app } of Object.values(apps)) await app.close()
  return { packages: ['fastify-scs', 'fastify', '@fastify/cookie'], tables: { results } }
}
