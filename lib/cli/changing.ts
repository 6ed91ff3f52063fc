import type { SessionStore, StoreEntry } from '../../types/store.ts'
import { publicId } from '../token.ts'
import { concurrently, counted } from './concurrently.ts'
import { FailedError, InterruptedError, isNoTable, UsageError } from './errors.ts'
import { jsonOf } from './output.ts'
import { Progress } from './progress.ts'
import type { Sessions } from './sessions.ts'
import type { Terminal } from './terminal.ts'

const AT_ONCE = 32
const BATCH = 1000

/** What a command that changes something was asked for. */
export interface Change {
  readonly isDry: boolean
  readonly isJson: boolean
}

/** Which sessions shall end: those with these ids, those of an owner, or all when neither is given. */
export interface Ending extends Change {
  readonly ids: ReadonlySet<string>
  readonly owner: string | undefined
  /** Whether the store's own index of owners has all of the owner's sessions. */
  readonly hasIndex: boolean
  /** Whether nobody needs to be asked. */
  readonly isSure: boolean
}

const plural = (count: number) => (count === 1 ? '1 session' : `${count} sessions`)

/** Ends sessions. Asks first, unless it is one that was named by its id. Throws a FailedError where an id has no living session. */
export async function revoke(sessions: Sessions, ending: Ending, terminal: Terminal): Promise<void> {
  const { ids, isDry, isJson, isSure } = ending
  if (ids.size !== 1 && !isDry && !isSure) await confirm(() => countOf(sessions, ending), terminal)
  const ended = isDry ? await countOf(sessions, ending) : await end(sessions, ending, terminal)
  await terminal.write(isJson ? `${jsonOf({ ended, dryRun: isDry })}\n` : `${plural(ended)} ${isDry ? 'would be ended' : 'ended'}\n`)
  if (ended < ids.size)
    throw new FailedError(ids.size === 1 ? 'no living session has this id' : `${ids.size - ended} ids have no living session`)
}

async function confirm(count: () => Promise<number>, terminal: Terminal): Promise<void> {
  if (!terminal.canAsk) throw new UsageError('this may end many sessions, and nobody is there to be asked: --yes says that it is meant')
  const answer = await terminal.ask(`End ${plural(await count())}? (yes or no) `)
  if (!/^y(es)?$/i.test(answer.trim())) throw new FailedError('nothing was ended')
}

async function countOf(sessions: Sessions, ending: Ending): Promise<number> {
  if (ending.ids.size === 0 && ending.owner === undefined) return await sessions.count()
  return await counted(matching(sessions, ending))
}

/** The records of the sessions that shall end. */
async function* matching(sessions: Sessions, { ids, owner }: Ending): AsyncGenerator<StoreEntry> {
  if (ids.size === 0 && owner !== undefined) {
    for await (const { entry } of sessions.all(owner)) yield entry
    return
  }
  let left = ids.size
  for await (const entry of sessions.entries()) {
    if (ids.size > 0 && !ids.has(publicId(entry.key))) continue
    if (owner === undefined || sessions.found(entry)?.owner === owner) yield entry
    if (--left === 0) return
  }
}

async function end(sessions: Sessions, ending: Ending, terminal: Terminal): Promise<number> {
  const { ids, owner, hasIndex } = ending
  if (ids.size === 0 && owner !== undefined && hasIndex)
    return await sessions.lifecycle.client.deleteOwnedBy(owner, undefined, sessions.until)
  const progress = new Progress(terminal, 'ended')
  let ended = 0
  try {
    await concurrently(matching(sessions, ending), AT_ONCE, async (entry) => {
      // 0 for one that has ended meanwhile.
      const count = Number(await sessions.end(entry))
      ended += count
      progress.add(count)
    })
    return ended
  } finally {
    progress.end()
  }
}

/** Removes what has expired. */
export async function clean(sessions: Sessions, { isDry, isJson }: Change, terminal: Terminal): Promise<void> {
  if (isDry) return await terminal.write('nothing was removed: a store does not say how many of its sessions have expired\n')
  const progress = new Progress(terminal, 'removed')
  let removed = 0
  try {
    for (let last = BATCH; last === BATCH; removed += last) {
      if (terminal.signal.aborted) throw new InterruptedError()
      last = await sessions.lifecycle.client.call((store) => store.deleteExpired(BATCH), sessions.until)
      progress.add(last)
    }
  } finally {
    progress.end()
  }
  await terminal.write(isJson ? `${jsonOf({ removed })}\n` : `${removed} expired ${removed === 1 ? 'session' : 'sessions'} removed\n`)
}

/** Creates the table, or what it lacks. */
export async function migrate(
  sessions: Sessions | undefined,
  apply: (() => Promise<void>) | undefined,
  { isDry, isJson }: Change,
  terminal: Terminal,
): Promise<void> {
  const say = (migrated: boolean, text: string) => terminal.write(isJson ? `${jsonOf({ migrated, text })}\n` : `${text}\n`)
  if (sessions !== undefined && apply === undefined) return await say(false, 'nothing to do: this store has no table')
  if (!isDry) {
    await apply?.()
    return await say(true, 'the table is complete')
  }
  if (sessions === undefined || !(await hasTable(sessions))) return await say(false, 'there is no table: it would be created')
  await say(false, 'there is a table: columns and indexes that it lacks would be added')
}

/** Whether a store has its table, or needs none. */
export async function hasTable(store: Pick<SessionStore, 'count'>): Promise<boolean> {
  try {
    await store.count()
    return true
  } catch (error) {
    if (isNoTable(error)) return false
    throw error
  }
}
