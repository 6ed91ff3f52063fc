import { subscribe, unsubscribe } from 'node:diagnostics_channel'

const KEPT = 20

/** @typedef {import('fastify-scs').SessionMessage & { at: number }} SessionEvent */

/** Counts what happens to sessions in this process, and keeps the last events for the operators. They never have a token. */
export class Events {
  /** @type {SessionEvent[]} The newest first. */
  last = []
  /** @type {Record<import('fastify-scs').SessionMessage['event'], number>} */
  counts = { created: 0, renewed: 0, ended: 0, refused: 0 }

  /** @param {() => number} clock @param {string} cookie The name of this application's cookie. */
  constructor(clock, cookie) {
    this.clock = clock
    this.cookie = cookie
    subscribe('scs:session', this.#note)
  }

  close() {
    unsubscribe('scs:session', this.#note)
  }

  /** @param {unknown} published */
  #note = (published) => {
    const message = /** @type {import('fastify-scs').SessionMessage} */ (published)
    if (message.cookie !== this.cookie) return
    this.counts[message.event] += message.event === 'ended' ? message.count : 1
    this.last = [{ ...message, at: this.clock() }, ...this.last].slice(0, KEPT)
  }
}
