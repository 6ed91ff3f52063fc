import session from 'express-session'
import { MemoryStore } from '../../dist/index.js'

const stringOf = (record) => Buffer.from(record.data).toString('latin1')

/** The verbs of our contract that pass the network: of which kind they are, and what of their arguments is sent. */
const VERBS = {
  find: ['read', (key) => [key]],
  create: ['write', (key, record) => [key, stringOf(record)]],
  update: ['write', (key, _previous, record) => [key, stringOf(record)]],
  rename: [
    'write',
    (oldKey, newKey, _previous, record, left) => [oldKey, newKey, stringOf(record), ...(left ? [left.key, stringOf(left.record)] : [])],
  ],
  touch: ['write', (key) => [key]],
  delete: ['delete', (key) => [key]],
  deleteOwnedBy: ['delete', (owner) => [owner]],
}

/** The store of fastify-scs: its memory store behind the network. */
export class RecordStore {
  #memory = new MemoryStore()

  constructor(network) {
    for (const [verb, [kind, sentOf]] of Object.entries(VERBS)) {
      this[verb] = (...args) => network.call(kind, verb, sentOf(...args), () => this.#memory[verb](...args))
    }
    for (const verb of ['all', 'ownedBy', 'count', 'deleteExpired']) this[verb] = (...args) => this.#memory[verb](...args)
  }

  close() {}

  /** Puts something else in the place of every stored string. */
  async spoil(change) {
    for await (const { key, record } of this.#memory.all()) {
      await this.#memory.update(key, record.data, { ...record, data: Buffer.from(change(stringOf(record)), 'latin1') })
    }
  }
}

/** Sessions as JSON in a map, behind the network; what the stores of the others have in common. */
class Rows {
  #rows = new Map()
  #network

  constructor(network) {
    this.#network = network
  }

  #get(id) {
    return JSON.parse(this.#rows.get(id) ?? 'null')
  }

  get(id, living = (value) => value) {
    return this.#network.call('read', 'get', [id], () => living(this.#get(id)))
  }

  async set(id, value) {
    const row = JSON.stringify(value)
    await this.#network.call('write', 'set', [id, row], () => this.#rows.set(id, row))
  }

  async touch(id, change) {
    await this.#network.call('write', 'touch', [id], () => {
      if (this.#rows.has(id)) this.#rows.set(id, JSON.stringify(change(this.#get(id))))
    })
  }

  async destroy(id) {
    await this.#network.call('delete', 'destroy', [id], () => this.#rows.delete(id))
  }

  spoil(change) {
    for (const [id, row] of this.#rows) this.#rows.set(id, change(row))
  }
}

function unlessExpired(value) {
  const expires = value?.cookie?.expires
  return expires && Date.parse(expires) <= Date.now() ? null : value
}

// From a tick of its own: what the callback throws must not come back here as a rejection.
const answer = (promise, callback = () => {}) =>
  promise.then(
    (value) => setImmediate(callback, null, value),
    (error) => setImmediate(callback, error),
  )

/** The store of @fastify/session and express-session, which share a contract. */
export class CallbackStore extends session.Store {
  #rows

  constructor(network) {
    super()
    this.#rows = new Rows(network)
  }

  get = (id, callback) => void answer(this.#rows.get(id, unlessExpired), callback)
  set = (id, value, callback) => void answer(this.#rows.set(id, value), callback)
  touch = (id, { cookie }, callback) =>
    void answer(
      this.#rows.touch(id, (value) => ({ ...value, cookie })),
      callback,
    )
  destroy = (id, callback) => void answer(this.#rows.destroy(id), callback)
  spoil = (change) => this.#rows.spoil(change)
}

/** The store of @mgcrea/fastify-session: data and expiry, with promises. */
export class PromiseStore extends Rows {
  set(id, data, expiry) {
    return super.set(id, [data, expiry])
  }

  touch(id, expiry) {
    return super.touch(id, ([data]) => [data, expiry])
  }
}
