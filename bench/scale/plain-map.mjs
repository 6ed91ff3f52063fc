import { toBytes, toText } from '../../dist/stores/shared/latin1.js'

/** What anybody would write who needs nothing but reads: as much as a CPU lets a store of this size do. */
export class PlainMap {
  #map = new Map()

  create(key, { data, expiresAt }) {
    this.#map.set(key, { data: toText(data), expiresAt })
  }

  count() {
    return this.#map.size
  }

  find(key) {
    const entry = this.#living(key)
    return entry && { data: toBytes(entry.data), expiresAt: entry.expiresAt }
  }

  update(key, previous, { data, expiresAt }) {
    const entry = this.#living(key)
    if (entry?.data !== toText(previous)) return false
    entry.data = toText(data)
    entry.expiresAt = expiresAt
    return true
  }

  touch(key, previous, expiresAt) {
    const entry = this.#living(key)
    if (entry?.data !== toText(previous)) return false
    entry.expiresAt = expiresAt
    return true
  }

  #living(key) {
    const entry = this.#map.get(key)
    return entry !== undefined && entry.expiresAt > Date.now() ? entry : undefined
  }
}
