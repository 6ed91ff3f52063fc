import { setTimeout as sleep } from 'node:timers/promises'
import { StoreClient } from '../../../lib/store/client.ts'
import { MemoryStore } from '../../../stores/memory.ts'
import { fakeClock } from '../../support/clock.ts'
import { SpyStore } from '../../support/spy-store.ts'

export const bytes = (text: string): Uint8Array => Buffer.from(text)
export const OLD = bytes('old')
export const NEW = bytes('new')
export const WANT = { expiry: true }

/** A client before a store with the record `old` under the key `key`, and what a call may take. */
export function before(mode: 'sync' | 'async' = 'async', timeout = 20) {
  const clock = fakeClock()
  const store = new SpyStore(mode, new MemoryStore({ clock }))
  const expiresAt = clock() + 60_000
  store.inner.create('key', { data: OLD, expiresAt })
  return { client: new StoreClient(store, clock), store, clock, expiresAt, until: clock() + timeout, record: { data: NEW, expiresAt } }
}

export type Stage = ReturnType<typeof before>

/** Every verb with a call of it that would succeed. */
export const CALLS: Readonly<Record<string, readonly [call: (stage: Stage) => unknown, answer: unknown]>> = {
  find: [({ client, until }) => client.find('key', WANT, until), { data: OLD }],
  create: [({ client, until, record }) => client.create('fresh', record, until), true],
  update: [({ client, until, record }) => client.update('key', OLD, record, until), true],
  rename: [({ client, until, record }) => client.rename('key', 'fresh', OLD, record, { key: ';trace', record }, until), true],
  touch: [({ client, until, expiresAt }) => client.touch('key', OLD, expiresAt + 1, until), true],
  delete: [({ client, until }) => client.delete('key', OLD, until), true],
  count: [({ client, until }) => client.call((store) => store.count(), until), 1],
}
export const WRITES = ['create', 'update', 'rename', 'delete'] as const

/** What a call threw or rejected with, or what it did instead. */
export async function failureOf(call: () => unknown): Promise<unknown> {
  const over = new AbortController()
  const hangs = sleep(10_000, 'it hangs', { signal: over.signal }).catch(() => undefined)
  try {
    return (await Promise.race([call(), hangs])) === 'it hangs' ? 'it hangs' : 'it did not fail'
  } catch (error) {
    return error
  } finally {
    over.abort()
  }
}
