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
}

/** The store of the two others, which share a contract: sessions as JSON text in a map, behind the network. */
export class CallbackStore extends session.Store {
  #network
  #rows = new Map()

  constructor(network) {
    super()
    this.#network = network
  }

  get(id, callback) {
    this.#call('read', 'get', [id], () => this.#living(id), callback)
  }
  set(id, value, callback) {
    const row = JSON.stringify(value)
    this.#call('write', 'set', [id, row], () => void this.#rows.set(id, row), callback)
  }
  touch(id, value, callback) {
    this.#call('write', 'touch', [id], () => this.#prolong(id, value.cookie), callback)
  }
  destroy(id, callback) {
    this.#call('delete', 'destroy', [id], () => void this.#rows.delete(id), callback)
  }

  #living(id) {
    const value = JSON.parse(this.#rows.get(id) ?? 'null')
    const expires = value?.cookie.expires
    return expires && Date.parse(expires) <= Date.now() ? null : value
  }

  #prolong(id, cookie) {
    const row = this.#rows.get(id)
    if (row !== undefined) this.#rows.set(id, JSON.stringify({ ...JSON.parse(row), cookie }))
  }

  // From a tick of its own: what the callback throws must not come back here as a rejection.
  #call(kind, verb, sent, work, callback = () => {}) {
    this.#network.call(kind, verb, sent, work).then(
      (answer) => setImmediate(callback, null, answer),
      (error) => setImmediate(callback, error),
    )
  }
}
