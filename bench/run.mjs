// `npm run bench -- [case …] [--rounds 5] [--seconds 3] [--connections 50]`: requests per second beside other session plugins.
import { parseArgs } from 'node:util'
import { prepare } from './prepare.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '50' },
  },
})
const [rounds, seconds, connections] = [values.rounds, values.seconds, values.connections].map(Number)
if (![rounds, seconds, connections].every((number) => number > 0))
  throw new TypeError('rounds, seconds and connections are positive numbers')

prepare()
// Only now is everything there.
const { default: autocannon } = await import('autocannon')
const { cases, VALUES } = await import('./cases.mjs')
const { circumstances, markdown, save, summarize } = await import('./report.mjs')
const { call, pinClient, pinning, startServer } = await import('./servers.mjs')
const { variants } = await import('./variants/index.mjs')

const chosen = positionals.length === 0 ? Object.keys(cases) : positionals
for (const name of chosen)
  if (!Object.hasOwn(cases, name)) throw new TypeError(`no case ${name}; there are ${Object.keys(cases).join(', ')}`)

/** A cookie for each connection. Where nothing is kept, one that looks like a session's. */
async function logIn(server) {
  const cookies = []
  for (let i = 0; i < connections; i++) {
    const { cookie } = await call(server, 'POST', '/login')
    if (variants[server.name].keepsSessions === (cookie === undefined))
      throw new Error(`${server.name}: the log-in set the cookie ${cookie}`)
    cookies.push(cookie ?? `session=${String(i).padStart(43, 'x')}`)
  }
  if (new Set(cookies).size !== connections) throw new Error(`${server.name}: two clients got one session`)
  return cookies
}

async function check(server, cookies) {
  const caller = (method, path, cookie) => call(server, method, path, cookie)
  for (const name of chosen) {
    await cases[name].check(caller, cookies[0])
    if (variants[server.name].keepsSessions) await cases[name].checkSessions?.(caller, cookies[0])
  }
}

/** One variant in one case: requests per second, and the server's microseconds of processor time for each. */
async function measure(server, { request }, cookies, duration) {
  let client = 0
  const setupClient = (each) => {
    if (request.cookie) each.setHeaders({ cookie: cookies[client++ % cookies.length] })
  }
  const before = await server.cpu()
  const result = await autocannon({
    url: server.url + request.path,
    method: request.method,
    connections,
    duration,
    pipelining: 1,
    setupClient,
  })
  const bad = result.errors + result.timeouts + result.non2xx
  if (bad > 0) throw new Error(`${server.name}: ${bad} requests to ${request.path} failed`)
  const { total } = result.requests
  return { rate: total / result.duration, cpu: ((await server.cpu()) - before) / total }
}

const rotated = (list, by) => list.map((_, i) => list[(i + by) % list.length])

const pins = pinning()
pinClient(pins)
const servers = await Promise.all(Object.keys(variants).map((name) => startServer(name, pins)))
try {
  const cookies = new Map()
  for (const server of servers) {
    cookies.set(server, await logIn(server))
    await check(server, cookies.get(server))
  }
  const samples = Object.fromEntries(chosen.map((name) => [name, Object.fromEntries(servers.map((server) => [server.name, []]))]))
  // Round 0 warms up.
  for (let round = 0; round <= rounds; round++) {
    for (const name of chosen) {
      for (const server of rotated(servers, round)) {
        const sample = await measure(server, cases[name], cookies.get(server), round === 0 ? Math.min(2, seconds) : seconds)
        if (round > 0) samples[name][server.name].push(sample)
      }
    }
    process.stderr.write(round === 0 ? 'warmed up\n' : `round ${round} of ${rounds}\n`)
  }
  const packages = Object.values(variants).flatMap((variant) => variant.packages)
  const command = ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' ')
  const report = {
    ...circumstances(command, [...packages, 'autocannon']),
    ...{ rounds, seconds, connections, pinned: pins !== undefined, session: VALUES },
    cases: chosen.map((name) => summarize(cases[name].title, samples[name])),
  }
  const text = markdown(report, Object.fromEntries(Object.entries(variants).map(([name, { title }]) => [name, title])))
  save('latest', report, text)
  process.stdout.write(text)
} finally {
  for (const server of servers) server.stop()
}
