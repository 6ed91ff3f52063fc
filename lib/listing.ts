import type { ListedSession, Owner } from '../types/manager.ts'
import type { SessionData, ValuesOf } from '../types/session.ts'
import type { StoreEntry } from '../types/store.ts'
import { AUTHENTICATED_AT, CREATED_AT, clientAt, momentAt } from './data/history.ts'
import { authenticatedAt } from './data/login.ts'
import { type Content, idleTimeoutOf, isReserved, ownerOf, ownerText, REMEMBER, RENEWED_TO, readRecord } from './data/record.ts'
import { ArgumentError, UnsupportedError } from './errors.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { Settings } from './settings.ts'
import { publicId } from './token.ts'

/** What is known of a session of another codec. */
const FOREIGN = {
  values: {},
  createdAt: undefined,
  authenticatedAt: undefined,
  lastSeenAt: undefined,
  client: undefined,
  isRemembered: false,
  isForeign: true,
} as const

/** When a session was last prolonged, by when it expires; undefined where that says nothing, because the deadline comes first. */
function lastSeenAt(settings: Settings, { values, deadline }: Content, expiresAt: number): number | undefined {
  const idleTimeout = idleTimeoutOf(settings, values)
  if (idleTimeout === undefined || expiresAt >= deadline) return undefined
  // The option idleTimeout may have been another one then.
  const earliest = momentAt(values, AUTHENTICATED_AT) ?? momentAt(values, CREATED_AT) ?? 0
  return Math.min(settings.clock(), Math.max(expiresAt - idleTimeout, earliest))
}

/** The sessions of a store, to be listed. */
export class Listing<D = SessionData> {
  readonly #lifecycle: Lifecycle

  constructor(lifecycle: Lifecycle) {
    this.#lifecycle = lifecycle
  }

  /** Every living session. */
  async *all(): AsyncGenerator<ListedSession<D>> {
    for await (const entry of this.entries()) {
      const listed = this.listed(entry)
      if (listed !== undefined) yield listed
    }
  }

  /** Every living session of an owner; the strays that a store may list are left out. */
  async *ownedBy(owner: Owner, current: () => Promise<string | undefined>): AsyncGenerator<ListedSession<D>> {
    const name = this.ownerName(owner)
    const key = await current()
    for await (const entry of this.entries(name)) {
      const listed = this.listed(entry, key)
      if (listed?.owner === name) yield listed
    }
  }

  /** The records of a store, or those of an owner. */
  entries(owner?: string): AsyncGenerator<StoreEntry> {
    const { client, settings } = this.#lifecycle
    return client.each((store) => (owner === undefined ? store.all() : store.ownedBy(owner)), settings.storeTimeout)
  }

  /** What a listing shows of a record; undefined for what is no session that can be read. */
  listed({ key, record }: StoreEntry, current?: string): ListedSession<D> | undefined {
    const { settings } = this.#lifecycle
    const { expiresAt } = record
    const content = this.#contentOf(record.data)
    if (content === undefined) return undefined
    const id = publicId(key)
    const isCurrent = key === current
    if (content === 'foreign') return { ...FOREIGN, id, owner: record.owner, deadline: new Date(expiresAt), expiresAt, isCurrent }
    const { deadline, values } = content
    if (Object.hasOwn(values, RENEWED_TO)) return undefined
    const visible = Object.fromEntries(Object.entries(values).filter(([name]) => !isReserved(name)))
    return {
      id,
      owner: ownerOf(settings, values),
      values: visible as Partial<ValuesOf<D>>,
      deadline: new Date(deadline),
      expiresAt,
      createdAt: momentAt(values, CREATED_AT),
      authenticatedAt: authenticatedAt(settings, values, values, undefined),
      lastSeenAt: lastSeenAt(settings, content, expiresAt),
      client: clientAt(values),
      isCurrent,
      isRemembered: values[REMEMBER] === true,
      isForeign: false,
    }
  }

  /**
   * Undefined for what cannot be read. A failing upgrade skips the session and does not end the listing. A session of another codec is listed,
   * because it lives and is counted.
   */
  #contentOf(data: Uint8Array): Content | 'foreign' | undefined {
    const { settings } = this.#lifecycle
    try {
      const content = readRecord(settings, data, settings.clock())
      if (!('unreadable' in content)) return content
      return content.isForeign ? 'foreign' : undefined
    } catch (err) {
      settings.log.warn({ err }, 'a session could not be upgraded, and was left out of a listing')
      return undefined
    }
  }

  /** An owner as stores know it. Throws where the option `owner` is missing. */
  ownerName(owner: Owner): string {
    if (this.#lifecycle.settings.owner === undefined)
      throw new UnsupportedError('Finding sessions by owner', "needs the option owner, for example 'userId'")
    const name = ownerText(owner)
    if (name === undefined) throw new ArgumentError('The owner', 'must be a string, a number or a bigint')
    return name
  }
}
