// Nanoseconds that the parts of a request cost, measured inside one process, without HTTP.
import { JsonCodec } from '../../build/lib/data/codec.js'
import { factsOf } from '../../build/lib/facts.js'
import { COOKIE_DEFAULTS, cookieTemplate, readCookie, setCookie } from '../../build/lib/http/cookie.js'
import { Lifecycle } from '../../build/lib/lifecycle.js'
import { plan } from '../../build/lib/plan.js'
import { settle } from '../../build/lib/settings.js'
import { hashToken, isToken, newToken } from '../../build/lib/token.js'
import { MemoryStore } from '../../build/stores/memory.js'
import { interleave, median } from '../runner.mjs'
import { VALUES } from '../values.mjs'

const [ROUNDS, ROUND_MS] = [11, 30]

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

/** Each takes a number below 10,000 and returns what keeps the compiler from leaving it out. */
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

export async function measure({ share }) {
  const subjects = Object.entries(parts).map(([name, part]) => ({ name, part }))
  const measured = await interleave([subjects], { rounds: Math.ceil(ROUNDS * share) }, ({ part }) => time(part))
  const costs = measured.map(({ name, samples }) => ({ name, median: median(samples), min: Math.min(...samples) }))
  return { packages: ['fastify-scs'], tables: { costs } }
}
