import { setTimeout as sleep } from 'node:timers/promises'

const KINDS = ['refused', 'cut', 'hung', 'stalled']
const WAITS = new Set(['hung', 'stalled'])

/** What a proxy before a server does for so many milliseconds. */
const behindProxy = {
  async refused(proxy, ms) {
    proxy.refusing = true
    proxy.reset()
    await sleep(ms)
    proxy.refusing = false
  },
  /** In the middle of replies, again and again. */
  async cut(proxy, ms, random) {
    for (const end = Date.now() + ms; Date.now() < end; await sleep(50)) proxy.replyBytes = Math.floor(random() * 400)
    proxy.replyBytes = Number.POSITIVE_INFINITY
  },
  /** What was held back is lost, and so are the connections. */
  async hung(proxy, ms) {
    proxy.silent = true
    await sleep(ms)
    proxy.silent = false
    proxy.reset()
  },
  /** Nothing is lost, and everything is late. */
  async stalled(proxy, ms) {
    proxy.pause()
    await sleep(ms)
    proxy.resume()
  },
}

/** Lets the store blink from time to time, each way in turn, until it is stopped. `blinks` counts them. */
export function startBlinks({ pace, site, proxy, disturbances, random }) {
  const blinks = {}
  let going = true
  const once = (kind) => {
    const ms = WAITS.has(kind) ? pace.waitFor : pace.blinkFor
    return proxy === undefined ? site.ask('blink', { kind, ms }) : behindProxy[kind](proxy, ms, random)
  }
  const run = async () => {
    for (let turn = Math.floor(random() * KINDS.length); ; turn++) {
      for (const end = Date.now() + pace.blinkEvery; going && Date.now() < end; ) await sleep(50)
      if (!going) return
      const kind = KINDS[turn % KINDS.length]
      blinks[kind] = (blinks[kind] ?? 0) + 1
      await disturbances.during('blink', () => once(kind))
    }
  }
  const running = run()
  const stop = () => {
    going = false
    return running
  }
  return { blinks, stop }
}

const VERBS = ['find', 'create', 'update', 'rename', 'touch', 'delete', 'deleteOwnedBy', 'count', 'deleteExpired']

/** What the verbs of a store without a server do while it blinks. */
const inProcess = {
  refused: () => Promise.reject(new Error('driver: connection refused')),
  cut: async (work) => {
    await work()
    throw new Error('driver: connection lost')
  },
  hung: () => new Promise(() => {}),
  /** Done at once, and answered when the blink is over. */
  stalled: async (work, over) => {
    const answer = await work()
    await over
    return answer
  },
}

/** A store that fails for a moment when it is told to. At other times it answers as the store itself, at once where that does. */
export class BlinkingStore {
  #blink
  #over = Promise.resolve()

  constructor(store) {
    for (const name of ['lacks', 'maxBytes', 'cleanupInterval', 'cleanupBatch']) this[name] = store[name]
    for (const name of ['attach', 'all', 'ownedBy', 'close']) this[name] = store[name]?.bind(store)
    for (const verb of VERBS) {
      this[verb] = (...args) => {
        const work = () => store[verb](...args)
        return this.#blink === undefined ? work() : this.#blink(work, this.#over)
      }
    }
  }

  async blink(kind, ms) {
    this.#blink = inProcess[kind]
    this.#over = sleep(ms)
    await this.#over
    this.#blink = undefined
  }
}

/** When the store blinked, and when samples were taken: times taken then do not count, and a blink excuses a 503. */
export class Disturbances {
  #spans = { blink: [], sample: [] }
  #settleMs

  /** `settleMs`: how long after a blink drivers connect again and queues empty. */
  constructor(settleMs) {
    this.#settleMs = settleMs
  }

  /** Notes what disturbs until the work is done. */
  async during(kind, work) {
    const span = { from: Date.now(), to: Number.POSITIVE_INFINITY }
    const spans = this.#spans[kind]
    spans.push(span)
    // Requests that are older were answered long ago.
    if (spans.length > 20) spans.shift()
    try {
      return await work()
    } finally {
      span.to = Date.now() + (kind === 'blink' ? this.#settleMs : 20)
    }
  }

  blinked(from, to) {
    return meet(this.#spans.blink, from, to)
  }

  calm(from, to) {
    return !this.blinked(from, to) && !meet(this.#spans.sample, from, to)
  }
}

const meet = (spans, from, to) => spans.some((span) => span.from <= to && span.to >= from)
