import type { SessionStore } from '../../types/store.ts'

/** What a store's constructor takes. */
export interface StoreSettings {
  readonly prefix: string
  /** With LMDB the name of the store. */
  readonly table: string
  readonly layout: 'plain' | 'scs'
  readonly cluster: boolean
  /** Whether a file that is not there is made, and a table in it. Otherwise nothing is, not even a setting changed. */
  readonly makes: boolean
}

/** A store with its connection. */
export interface OpenStore {
  readonly store: SessionStore
  /** Undefined where there is no table. */
  readonly migrate?: () => Promise<void>
  /** Closes the connection. */
  close(): Promise<void>
}
