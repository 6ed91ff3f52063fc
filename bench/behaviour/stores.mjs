import session from 'express-session'
import { MemoryStore } from '../../dist/index.js'

const text = (record) => Buffer.from(record.data).toString('latin1')

/** The store of fastify-scs: its memory store behind the network. */
export class RecordStore {
  #network
  #memory = new MemoryStore()

  constructor(network) {
    this.#network = network
  }

  find(key, want) {
    return this.#network.call('read', 'find', [key], () => this.#memory.find(key, want))
  }
  create(key, record) {
    return this.#network.call('write', 'create', [key, text(record)], () => this.#memory.create(key, record))
  }
  update(key, previous, record) {
    return this.#network.call('write', 'update', [key, text(record)], () => this.#memory.update(key, previous, record))
  }
  rename(oldKey, newKey, previous, record, trace) {
    const sent = [oldKey, newKey, text(record), ...(trace === undefined ? [] : [trace.key, text(trace.record)])]
    return this.#network.call('write', 'rename', sent, () => this.#memory.rename(oldKey, newKey, previous, record, trace))
  }
  touch(key, previous, expiresAt) {
    return this.#network.call('write', 'touch', [key], () => this.#memory.touch(key, previous, expiresAt))
  }
  delete(key, previous) {
    return this.#network.call('delete', 'delete', [key], () => this.#memory.delete(key, previous))
  }
  deleteOwnedBy(owner, exceptKey) {
    return this.#network.call('delete', 'deleteOwnedBy', [owner], () => this.#memory.deleteOwnedBy(owner, exceptKey))
  }
  all() {
    return this.#memory.all()
  }
  ownedBy(owner) {
    return this.#memory.ownedBy(owner)
  }
  count() {
    return this.#memory.count()
  }
  deleteExpired(limit) {
    return this.#memory.deleteExpired(limit)
  }
  close() {}

  /** Puts something else in the place of every stored text. */
  async spoil(change) {
    for await (const { key, record } of this.#memory.all()) {
      await this.#memory.update(key, record.data, { ...record, data: Buffer.from(change(text(record)), 'latin1') })
    }
  }
}

/** Sessions as JSON text in a map; what the stores of the others have in common. */
class Rows {
  #rows = new Map()

  get(id) {
    return JSON.parse(this.#rows.get(id) ?? 'null')
  }
  set(id, row) {
    this.#rows.set(id, row)
  }
  delete(id) {
    this.#rows.delete(id)
  }
  change(id, change) {
    if (this.#rows.has(id)) this.#rows.set(id, JSON.stringify(change(this.get(id))))
  }
  spoil(change) {
    for (const [id, row] of this.#rows) this.#rows.set(id, change(row))
  }
}

/** The store of @fastify/session and express-session, which share a contract. */
export class CallbackStore extends session.Store {
  #network
  #rows = new Rows()

  constructor(network) {
    super()
    this.#network = network
  }

  get(id, callback) {
    this.#call('read', 'get', [id], () => this.#living(id), callback)
  }
  set(id, value, callback) {
    const row = JSON.stringify(value)
    this.#call('write', 'set', [id, row], () => this.#rows.set(id, row), callback)
  }
  touch(id, { cookie }, callback) {
    this.#call('write', 'touch', [id], () => this.#rows.change(id, (value) => ({ ...value, cookie })), callback)
  }
  destroy(id, callback) {
    this.#call('delete', 'destroy', [id], () => this.#rows.delete(id), callback)
  }
  spoil(change) {
    this.#rows.spoil(change)
  }

  #living(id) {
    const value = this.#rows.get(id)
    const expires = value?.cookie?.expires
    return expires && Date.parse(expires) <= Date.now() ? null : value
  }

  // From a tick of its own: what the callback throws must not come back here as a rejection.
  #call(kind, verb, sent, work, callback = () => {}) {
    this.#network.call(kind, verb, sent, work).then(
      (answer) => setImmediate(callback, null, answer),
      (error) => setImmediate(callback, error),
    )
  }
}

/** The store of @mgcrea/fastify-session: data and expiry, with promises. */
export class PromiseStore {
  #network
  #rows = new Rows()

  constructor(network) {
    this.#network = network
  }

  get(id) {
    return this.#network.call('read', 'get', [id], () => this.#rows.get(id))
  }
  async set(id, data, expiry) {
    const row = JSON.stringify([data, expiry])
    await this.#network.call('write', 'set', [id, row], () => this.#rows.set(id, row))
  }
  async touch(id, expiry) {
    await this.#network.call('write', 'touch', [id], () => this.#rows.change(id, ([data]) => [data, expiry]))
  }
  async destroy(id) {
    await this.#network.call('delete', 'destroy', [id], () => this.#rows.delete(id))
  }
  spoil(change) {
    this.#rows.spoil(change)
  }
}
