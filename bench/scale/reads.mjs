import { Lifecycle } from '../../build/lib/lifecycle.js'
import { settle } from '../../build/lib/settings.js'
import { MemoryStore } from '../../build/stores/memory.js'
import { compare, interleave, median } from '../runner.mjs'
import { dataOf, draw, keyOf, LAST_END, PlainMap, recordOf, someOf, tokenOf } from './data.mjs'

const ROUNDS = 7
const BATCHES = 12
const BATCH = 1000
/** With each turn the caches hold what the one before left in them. */
const WARM = 3
const HOT = 1000

function filled(store, size) {
  for (let i = 0; i < size; i++) store.create(keyOf(i), recordOf(i, false))
  return store
}

/** What is compared: a store, and how the next session is drawn. The full one is at its limit, where each use moves the entry to the end. */
function subjects(sizes) {
  const biggest = sizes.at(-1)
  const hot = someOf(HOT, biggest)
  const any = (size) => () => draw(size)
  const ofSizes = (kind, make) => sizes.map((size) => ({ kind, label: size, store: filled(make(size), size), next: any(size) }))
  const stores = ofSizes('store', () => new MemoryStore({ maxSessions: 4 * biggest }))
  const full = ofSizes('full', (size) => new MemoryStore({ maxSessions: size }))
  const maps = ofSizes('map', () => new PlainMap())
  const busy = [stores, full, maps].map((all) => ({ ...all.at(-1), label: 'hot', next: () => hot[draw(hot.length)] }))
  return [...stores, ...full, ...maps, ...busy].map((subject) => ({ ...subject, load: loader(subject) }))
}

function loader({ kind, store }) {
  if (kind === 'map') return undefined
  const lifecycle = new Lifecycle(settle({ store }))
  return (header) => {
    const work = lifecycle.begin(undefined, lifecycle.settings.log, true)
    lifecycle.load(work, { cookie: header })
    return work
  }
}

// A touch and an update make a session live longer than all others, as they do in an application.
let later = LAST_END
const nextEnd = () => ++later

/** Each returns what a call needs, made beforehand, and makes the call. The key is a new string each time, as after a request's token was hashed. */
const VERBS = {
  find: { input: (i) => ({ key: keyOf(i) }), call: ({ store }, { key }) => store.find(key) },
  touch: {
    input: (i) => ({ key: keyOf(i), data: dataOf(i), end: nextEnd() }),
    call: ({ store }, { key, data, end }) => store.touch(key, data, end),
  },
  update: {
    input: (i) => ({ key: keyOf(i), data: dataOf(i), record: { data: dataOf(i), expiresAt: nextEnd() } }),
    call: ({ store }, { key, data, record }) => store.update(key, data, record),
  },
  load: { input: (i) => ({ header: `session=${tokenOf(i)}` }), call: ({ load }, { header }) => load(header) },
}

/** Nanoseconds a call, the median of batches. These are small, or what was made for them would fill the caches itself. */
function time({ input, call }, subject) {
  const took = []
  for (let batch = 0; batch < WARM + BATCHES; batch++) {
    const inputs = Array.from({ length: BATCH }, () => input(subject.next()))
    const start = process.hrtime.bigint()
    const answered = run(call, subject, inputs)
    took.push(Number(process.hrtime.bigint() - start))
    if (answered !== BATCH) throw new Error(`${BATCH - answered} calls of ${BATCH} found no session`)
  }
  return median(took.slice(WARM)) / BATCH
}

function run(call, subject, inputs) {
  let answered = 0
  for (const input of inputs) if (call(subject, input)) answered++
  return answered
}

export async function reads({ sizes }) {
  const all = subjects(sizes)
  const groups = Object.keys(VERBS).map((verb) =>
    all.filter(({ load }) => verb !== 'load' || load).map((subject) => ({ verb, subject, kind: subject.kind, label: subject.label })),
  )
  const told = (text) => console.error(`  ${text}`)
  const jobs = await interleave(groups, { rounds: ROUNDS, told }, ({ verb, subject }) => time(VERBS[verb], subject))
  const baseOf = ({ verb, kind }) => jobs.find((job) => job.verb === verb && job.kind === kind).samples
  return jobs.map((job) => ({ verb: job.verb, kind: job.kind, label: job.label, ...compare(job.samples, baseOf(job)) }))
}
