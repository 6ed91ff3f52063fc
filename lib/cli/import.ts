import { checkedExpiry } from '../../stores/shared/text.ts'
import type { SessionCodec } from '../../types/codec.ts'
import type { StoreEntry, StoreRecord } from '../../types/store.ts'
import { ownerText } from '../data/record.ts'
import { isTyped, seal } from '../data/values.ts'
import { concurrently } from './concurrently.ts'
import { FailedError, messageOf } from './errors.ts'
import { jsonOf } from './output.ts'
import { Progress } from './progress.ts'
import type { Sessions } from './sessions.ts'
import type { Terminal } from './terminal.ts'

/** So many at once: servers answer them together, and what is kept in a file waits for the disk once for all of them. */
const AT_ONCE = 64
const BYTES = { expiry: false, owner: false }

/** How an import was asked for. */
export interface ImportSettings {
  /** Undefined where no payload has to be read: it is copied as it is. */
  readonly from: SessionCodec | undefined
  /** Undefined where the payload stays as it is. */
  readonly to: SessionCodec | undefined
  readonly ownerKey: string | undefined
  readonly isDry: boolean
  readonly isJson: boolean
}

/** What became of the sessions of an import. */
interface Counts {
  carried: number
  /** Those whose key the other store had already. */
  alreadyThere: number
  /** Those whose payload the codec could not read or write. */
  unreadable: number
  /** Those that the other store cannot hold. */
  refused: number
}

/**
 * Carries each living session to another store, under the same key. One whose key is there already stays as it is there, so an import that was interrupted can be
 * run again. Throws a FailedError at the end where some could not be carried.
 */
export async function importSessions(source: Sessions, target: Sessions, settings: ImportSettings, terminal: Terminal): Promise<void> {
  const counts: Counts = { carried: 0, alreadyThere: 0, unreadable: 0, refused: 0 }
  const reasons = new Set<string>()
  const progress = new Progress(terminal, 'read')
  try {
    await concurrently(source.entries(), AT_ONCE, async (entry) => {
      counts[await carry(entry, target, settings, reasons)]++
      progress.add()
    })
  } catch (error) {
    terminal.say(`fastify-scs: ended early; the same command goes on from there: ${summaryOf(counts, settings.isDry)}\n`)
    throw error
  } finally {
    progress.end()
  }
  await terminal.write(settings.isJson ? `${jsonOf({ ...counts, dryRun: settings.isDry })}\n` : `${summaryOf(counts, settings.isDry)}\n`)
  if (counts.unreadable + counts.refused > 0) throw new FailedError(`not all were carried: ${[...reasons].join('; ')}`)
}

function summaryOf({ carried, alreadyThere, unreadable, refused }: Counts, isDry: boolean): string {
  return `${carried} ${isDry ? 'would be carried' : 'carried'}, ${alreadyThere} already there, ${unreadable} unreadable, ${refused} refused`
}

async function carry(entry: StoreEntry, target: Sessions, settings: ImportSettings, reasons: Set<string>): Promise<keyof Counts> {
  const { client } = target.lifecycle
  try {
    if ((await client.find(entry.key, BYTES, target.until)) !== undefined) return 'alreadyThere'
    checkedExpiry(entry.record.expiresAt)
    const record = translated(entry.record, settings)
    const { maxBytes = Number.POSITIVE_INFINITY } = target.lifecycle.settings.store
    if (record.data.byteLength > maxBytes) throw new RangeError(`the other store holds at most ${maxBytes} bytes of a session`)
    if (settings.isDry || (await client.create(entry.key, record, target.until))) return 'carried'
    return 'alreadyThere'
  } catch (error) {
    if (error instanceof Unreadable) {
      reasons.add(error.message)
      return 'unreadable'
    }
    // The stores' own word for what they cannot hold; anything else is about the connection.
    if (!isRange(error)) throw error
    reasons.add(messageOf(error))
    return 'refused'
  }
}

const isRange = (error: unknown) => error instanceof RangeError || (error as Error).cause instanceof RangeError

class Unreadable extends Error {}

/** The record with its payload in the other codec, and with the owner that the source did not keep. */
function translated(record: StoreRecord, { from, to, ownerKey }: ImportSettings): StoreRecord {
  if (from === undefined) return record
  try {
    const { deadline, values, types } = from.decode(record.data)
    if (to !== undefined && !isTyped(to)) for (const [key, value] of Object.entries(values)) seal(value, key, Number.POSITIVE_INFINITY)
    const data = to === undefined ? record.data : to.encode(deadline, values, types)
    const owner = record.owner ?? (ownerKey !== undefined && Object.hasOwn(values, ownerKey) ? ownerText(values[ownerKey]) : undefined)
    return { ...record, data, ...(owner === undefined ? {} : { owner }) }
  } catch (cause) {
    throw new Unreadable('the payload of a session could not be translated: see --from-codec and --to-codec', { cause })
  }
}
