import type { StoreEntry } from '../../types/store.ts'

const VERSION = 1

/** The record in an express session. It has key and expiry too: no express store returns an expiry, and some return no id. */
interface Part {
  readonly v: typeof VERSION
  readonly key: string
  readonly expiresAt: number
  /** In base64. */
  readonly data: string
}

/**
 * The cookie, from which each express store reads the expiry in its own way: most from `expires`, a Date; session-file-store from `originalMaxAge`, the
 * milliseconds that are left; memorystore and others from `maxAge`, which is the same. `maxAge` is a getter so that it is not stored: express-session
 * would count a stored one from the moment of reading.
 */
class ExpressCookie {
  readonly path = '/'
  readonly httpOnly = true
  readonly expires: Date
  readonly originalMaxAge: number

  constructor(expiresAt: number, left: number) {
    this.expires = new Date(expiresAt)
    // Some stores round it down.
    this.originalMaxAge = Math.ceil(left)
  }

  get maxAge(): number {
    return this.originalMaxAge
  }
}

/** A record as an express session with `left` milliseconds to live. A new object for each write, because stores keep and change it. */
export function toSession({ key, record }: StoreEntry, left: number): object {
  const { data, expiresAt } = record
  const base64 = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')
  const scs: Part = { v: VERSION, key, expiresAt, data: base64 }
  return { cookie: new ExpressCookie(expiresAt, left), scs }
}

/** The record in an express session. Undefined for a session that another program wrote. */
export function fromSession(session: unknown): StoreEntry | undefined {
  const part = propertyOf(session, 'scs')
  if (!isPart(part)) return undefined
  const { key, data, expiresAt } = part
  return { key, record: { data: Buffer.from(data, 'base64'), expiresAt } }
}

function isPart(part: unknown): part is Part {
  const types = ['key', 'data', 'expiresAt'].map((name) => typeof propertyOf(part, name))
  return propertyOf(part, 'v') === VERSION && types.join() === 'string,string,number'
}

/** A property, whatever the value is. */
export function propertyOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
