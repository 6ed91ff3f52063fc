import { hash } from 'node:crypto'
import { JsonCodec } from '../../build/lib/data/codec.js'
import { hashToken } from '../../build/lib/token.js'
import { toBytes, toText } from '../../build/stores/shared/latin1.js'
import { VALUES } from '../values.mjs'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** The moment at which everything is measured, where a clock can be set. */
export const NOW = Date.now()
/** No session ends before this, and all have ended after the other. */
export const FIRST_END = NOW + HOUR
export const LAST_END = FIRST_END + DAY

const codec = new JsonCodec()

// Each session follows from its number, so that none of this has to be kept beside the store that is measured.
export const tokenOf = (i) => hash('sha256', `session ${i}`, 'base64url')
export const keyOf = (i) => hashToken(tokenOf(i))
export const ownerOf = (i) => `u-${1000 + i}`
export const dataOf = (i) => codec.encode(LAST_END, { ...VALUES, userId: ownerOf(i) })
/** Ends in no order, spread evenly over a day. */
export const endOf = (i) => FIRST_END + Math.floor(((i * 0.618_033_988_749) % 1) * DAY)

export function recordOf(i, owned) {
  const record = { data: dataOf(i), expiresAt: endOf(i) }
  return owned ? { ...record, owner: ownerOf(i) } : record
}

export const draw = (size) => Math.floor(Math.random() * size)

/** As many different numbers below `size`, or all of them. */
export function someOf(count, size) {
  const step = Math.max(1, Math.floor(size / count))
  return Array.from({ length: Math.min(count, size) }, (_, i) => i * step)
}

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
