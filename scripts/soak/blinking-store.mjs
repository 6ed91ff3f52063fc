const VERBS = ['find', 'create', 'update', 'rename', 'touch', 'delete', 'deleteOwnedBy', 'count', 'deleteExpired']

/** What the verbs of a store without a server do while it blinks. */
const BLINKS = {
  refused: () => Promise.reject(new Error('driver: connection refused')),
  cut: async (work) => {
    await work()
    throw new Error('driver: connection lost')
  },
  hung: () => new Promise(() => {}),
  /** Done, and answered when the blink is over. */
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
    this.#blink = BLINKS[kind]
    this.#over = new Promise((resolve) => setTimeout(resolve, ms))
    await this.#over
    this.#blink = undefined
  }
}
