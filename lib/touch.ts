import { readRecord } from './data/record.ts'
import { type Settings, wantOf } from './settings.ts'
import type { ReadStored } from './state.ts'
import type { StoreClient } from './store/client.ts'
import { keyOf } from './token.ts'
import type { UnitOfWork } from './unit-of-work.ts'

/**
 * Prolongs a session that another request saved meanwhile, for what has no reply: a socket may live on for longer than that save prolonged it,
 * with the bytes that it loaded. By how much says what is stored now. Nothing else is taken from that, so later changes are still compared.
 */
export async function touchNewer(
  settings: Settings,
  client: StoreClient,
  work: UnitOfWork,
  stored: ReadStored,
  until: number,
): Promise<void> {
  // While tokens are migrated, that request may have moved the session.
  for (const key of new Set([stored.key, keyOf(settings, stored.token)])) {
    const found = await client.find(key, wantOf(settings), until)
    const now = settings.clock()
    const content = found === undefined ? { unreadable: 'it has ended' } : readRecord(settings, found.data, now)
    if (found === undefined || 'unreadable' in content) continue
    const expiresAt = work.expiryOf(content, now, found)
    if (await client.touch(key, found.data, expiresAt, until)) work.refound({ ...stored.found, expiresAt })
    return
  }
}
