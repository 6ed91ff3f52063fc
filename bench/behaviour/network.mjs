import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

/** What a driver says when its server is gone; no client should ever read it. */
export const DRIVER_TEXT = 'connect ECONNREFUSED sessions.internal:6379'

/** What lies between an application and its store: it takes a while, counts, keeps what passed, and fails or hangs where it is told to. */
export class Network {
  #faults = new Map()
  #writes = new Map()
  #passed = []

  /** Instead of the while: what a call waits for, given its verb. */
  gate

  /** Breaks calls of these kinds ('read', 'write', 'delete') until `heal`; the fault is 'fail' or 'hang'. */
  break(fault, ...kinds) {
    for (const kind of kinds) this.#faults.set(kind, fault)
  }

  heal() {
    this.#faults.clear()
  }

  async call(kind, verb, sent, work) {
    this.#note(kind, verb, sent)
    if (this.gate !== undefined) return this.gate(verb).then(work)
    await sleep(1)
    const fault = this.#faults.get(kind)
    if (fault === 'hang') return new Promise(() => {})
    if (fault === 'fail') throw new Error(DRIVER_TEXT)
    const answer = work()
    await sleep(1)
    return answer
  }

  #note(kind, verb, sent) {
    this.#passed.push(...sent)
    if (kind !== 'read') this.#writes.set(verb, (this.#writes.get(verb) ?? 0) + 1)
  }

  /** Forgets the writes so far. */
  startCounting() {
    this.#writes.clear()
  }

  /** The writes since then, as '0' or '10 (touch)'. */
  writes() {
    if (this.#writes.size === 0) return '0'
    return [...this.#writes].map(([verb, count]) => `${count} (${verb})`).join(', ')
  }

  /** Whether the store was ever given this text, in a key or in a value. */
  hasPassed(text) {
    return this.#passed.some((sent) => sent.includes(text))
  }
}

/** Holds requests in their handlers, session loaded, until a scenario lets them go on. */
export class Gate extends EventEmitter {
  #held = 0

  constructor() {
    super()
    this.setMaxListeners(0)
  }

  async hold() {
    this.#held++
    this.emit('held')
    await once(this, 'open')
  }

  async filled(count) {
    while (this.#held < count) await once(this, 'held')
  }

  open() {
    this.#held = 0
    this.emit('open')
  }
}
