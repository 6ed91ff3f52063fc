// `node bench/cost.mjs`: nanoseconds that the parts of a request cost, measured inside one process, without HTTP.

import { circumstances } from '../test/support/circumstances.mjs'
import { table } from '../test/support/markdown.mjs'
import { VALUES } from './cases.mjs'
import { prepare } from './prepare.mjs'
import { median, save } from './report.mjs'

prepare()
const { JsonCodec } = await import('../dist/lib/data/codec.js')
const { COOKIE_DEFAULTS, cookieTemplate, readCookie, setCookie } = await import('../dist/lib/http/cookie.js')
const { Lifecycle } = await import('../dist/lib/lifecycle.js')
const { settle } = await import('../dist/lib/settings.js')
const { factsOf } = await import('../dist/lib/facts.js')
const { plan } = await import('../dist/lib/plan.js')
const { hashToken, isToken, newToken } = await import('../dist/lib/token.js')
const { MemoryStore } = await import('../dist/stores/memory.js')

const ROUNDS = 11
const ROUND_MS = 30

const store = new MemoryStore()
const lifecycle = new Lifecycle(settle({ store }))
const codec = new JsonCodec()
const template = cookieTemplate(COOKIE_DEFAULTS)
const deadline = Date.now() + 86_400_000
const data = codec.encode(deadline, VALUES)
// As many sessions as keep the processor's caches from answering for the store.
const tokens = Array.from({ length: 10_000 }, newToken)
const keys = tokens.map(hashToken)
const headers = tokens.map((token) => `theme=dark; session=${token}; other=value`)
for (const key of keys) store.create(key, { data, expiresAt: deadline })

const begin = () => lifecycle.begin(undefined, lifecycle.settings.log, true)
const loaded = (i) => {
  const work = begin()
  lifecycle.load(work, { cookie: headers[i] })
  return work
}
const work = loaded(0)

/** Each takes a number below 10,000 and gives what keeps the compiler from leaving it out. */
const parts = {
  'find the cookie in its header': (i) => readCookie(headers[i], template.start),
  'is it a token?': (i) => isToken(tokens[i]),
  'hash the token': (i) => hashToken(tokens[i]),
  'a new token': () => newToken(),
  'MemoryStore.find': (i) => store.find(keys[i]),
  'begin: a request without a cookie': () => begin(),
  'begin and load: a request with one': (i) => loaded(i),
  'begin, load and the session itself': (i) => lifecycle.session(loaded(i)),
  'begin, load and get(key)': (i) => lifecycle.session(loaded(i)).get('userId'),
  'begin, load and put(key, value)': (i) => lifecycle.session(loaded(i)).put('visits', i),
  'decode five keys': () => codec.decode(data),
  'JSON.parse of the same text': () => JSON.parse(data.toString('utf8')),
  'encode five keys': () => codec.encode(deadline, VALUES),
  'plan for an unchanged session': () => plan(factsOf(work, undefined), deadline - 1000),
  'MemoryStore.update': (i) => store.update(keys[i], data, { data, expiresAt: deadline }),
  'the text of a Set-Cookie': (i) => setCookie(template, tokens[i], deadline, deadline - 1000, true),
}

const sink = { value: undefined }

/** Nanoseconds of one call, over about 30 ms. */
function time(part) {
  const began = process.hrtime.bigint()
  let calls = 0
  let took = 0
  while (took < ROUND_MS * 1e6) {
    for (let i = 0; i < 1000; i++) sink.value = part((calls + i) % tokens.length)
    calls += 1000
    took = Number(process.hrtime.bigint() - began)
  }
  return took / calls
}

const samples = Object.fromEntries(Object.keys(parts).map((name) => [name, []]))
// Rounds go over all parts, so that what disturbs the machine disturbs them alike. Round 0 warms up.
for (let round = 0; round <= ROUNDS; round++) {
  for (const [name, part] of Object.entries(parts)) {
    const nanoseconds = time(part)
    if (round > 0) samples[name].push(nanoseconds)
  }
}

const costs = Object.entries(samples).map(([name, all]) => ({ name, median: median(all), min: Math.min(...all) }))
const report = {
  ...circumstances('node bench/cost.mjs', ['fastify-scs']),
  costs: costs.map(({ name, median, min }) => ({ name, median, min })),
}
const rows = costs.map(({ name, median, min }) => [name, median.toFixed(0), min.toFixed(0)])
const text = `${table(['', 'ns, median', 'ns, best'], rows)}\n\nNode ${report.node}, ${report.cpu}, ${report.date.slice(0, 10)}; \`${report.command}\`\n`
save('cost', report, text)
process.stdout.write(text)
