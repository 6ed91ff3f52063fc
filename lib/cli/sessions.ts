import type { SessionCodec } from '../../types/codec.ts'
import type { ListedSession } from '../../types/manager.ts'
import type { SessionStore, StoreEntry } from '../../types/store.ts'
import { JsonCodec } from '../data/codec.ts'
import { Lifecycle } from '../lifecycle.ts'
import { Listing } from '../listing.ts'
import { settle } from '../settings.ts'
import { InterruptedError } from './errors.ts'
import { harmless } from './output.ts'
import type { Terminal } from './terminal.ts'

/** How long a store may take for one call, in milliseconds: to count millions of sessions takes a while. */
const TIMEOUT_MS = 600_000

/** How a store's sessions are read. */
export interface Reading {
  readonly ownerKey: string | undefined
  /** Default: JsonCodec, for a command that reads no payload. */
  readonly codec?: SessionCodec
}

/** A session in a listing, with what it was read from. */
export interface Found {
  readonly entry: StoreEntry
  readonly session: ListedSession
  readonly owner: string | undefined
}

/**
 * The sessions of a store, for the commands. It is what a SessionManager is made of, without its clean-up: what only looks must change nothing.
 */
export class Sessions {
  readonly lifecycle: Lifecycle
  readonly #listing: Listing
  readonly #ownerKey: string | undefined
  readonly #terminal: Terminal

  /** What the store has to warn of is said on standard error. */
  constructor(store: SessionStore, { ownerKey, codec = new JsonCodec() }: Reading, terminal: Terminal) {
    const tell = (_: object, message: string) => terminal.say(`fastify-scs: warning: ${harmless(message)}\n`)
    const log = { info: tell, warn: tell }
    const owner = ownerKey === undefined ? {} : { owner: ownerKey }
    this.lifecycle = new Lifecycle(settle({ store, codec, log, storeTimeout: TIMEOUT_MS, ...owner }))
    this.#listing = new Listing(this.lifecycle)
    this.#ownerKey = ownerKey
    this.#terminal = terminal
    store.attach?.({ log })
  }

  get until(): number {
    return Date.now() + TIMEOUT_MS
  }

  async count(): Promise<number> {
    return await this.lifecycle.client.call((store) => store.count(), this.until)
  }

  /** The records of the store, read or not. Throws an InterruptedError at Ctrl-C. */
  async *entries(owner?: string): AsyncGenerator<StoreEntry> {
    for await (const entry of this.#listing.entries(owner)) {
      if (this.#terminal.signal.aborted) throw new InterruptedError()
      yield entry
    }
  }

  /**
   * Every living session, or those of an owner. Where `--owner-key` was given all are read, because the store may not know the owner of each; otherwise
   * the store's index is asked.
   */
  async *all(owner: string | undefined): AsyncGenerator<Found> {
    for await (const entry of this.entries(this.#ownerKey === undefined ? owner : undefined)) {
      const found = this.found(entry)
      if (found !== undefined && (owner === undefined || found.owner === owner)) yield found
    }
  }

  /** A record as a session; undefined for one that cannot be read, which the application would replace by a new one. */
  found(entry: StoreEntry): Found | undefined {
    const session = this.#listing.listed(entry)
    return session && { entry, session, owner: entry.record.owner ?? session.owner }
  }

  /** Ends a session, or the one that it was renewed to in this moment. Returns whether there was one. */
  end({ key, record }: StoreEntry): Promise<boolean> {
    return this.lifecycle.endings.endKey(key, { reason: 'destroyed', owner: record.owner, until: this.until })
  }
}
