import { channel, type TracingChannel, tracingChannel } from 'node:diagnostics_channel'
import type { EndReason, RefusalReason, SessionMessage, StepMessage } from '../types/diagnostics.ts'
import type { Answer } from '../types/store.ts'
import { type DataSettings, ownerOf, readRecord } from './data/record.ts'
import { ConflictError, LimitError, SupersededError } from './errors.ts'
import type { State } from './state.ts'
import { publicId } from './token.ts'

/** Around the look-up of a request's session. */
export const loading: TracingChannel<unknown, StepMessage> = tracingChannel('scs:load')

/** Around the saving of a request's session, when there is anything to save. */
export const committing: TracingChannel<unknown, StepMessage> = tracingChannel('scs:commit')

/** The lives of sessions. */
export const lives = channel('scs:session')

/** The settings that messages need. */
interface MessageSettings extends DataSettings {
  readonly cookie: { readonly name: string }
  readonly clock: () => number
}

/** A unit of work, as far as messages speak of it. */
interface Told {
  readonly settings: MessageSettings
  readonly state: State
}

/** Runs a step of a unit of work under a channel that somebody listens to. `result` says what it came to, before it runs and afterwards. */
export async function traced<T>(
  channel: TracingChannel<unknown, StepMessage>,
  work: Told,
  result: () => string,
  step: () => Answer<T>,
): Promise<T> {
  const message: StepMessage = { cookie: work.settings.cookie.name, result: result(), ...subjectOf(work), duration: 0 }
  const start = performance.now()
  let answer: T | undefined
  await channel.tracePromise(async () => {
    try {
      answer = await step()
    } finally {
      Object.assign(message, subjectOf(work), { result: result(), duration: performance.now() - start })
    }
    // Node writes what the promise resolves to into `message.result`.
    return message.result
  }, message)
  return answer as T
}

/** What a unit of work is about, for those who listen: nothing is noted in it, and it logs nothing. */
function subjectOf({ settings, state }: Told): { id: string | undefined; owner: string | undefined } {
  if (state.kind !== 'stored') return { id: undefined, owner: undefined }
  return { id: publicId(state.key), owner: state.found.owner ?? ownerIn(settings, state.found.data) }
}

/** The owner of a session by its payload; undefined when it has none, or cannot be read. */
export function ownerIn(settings: MessageSettings, data: Uint8Array): string | undefined {
  if (settings.owner === undefined) return undefined
  try {
    const content = readRecord(settings, data, settings.clock())
    return 'unreadable' in content ? undefined : ownerOf(settings, content.values)
  } catch {
    // What `upgrade` throws is told to who uses the session.
    return undefined
  }
}

function publish(message: SessionMessage): void {
  lives.publish(message)
}

/** Publishes that a session ended. */
export function publishEnd(
  settings: MessageSettings,
  reason: EndReason,
  key: string | undefined,
  owner: string | undefined,
  count = 1,
): void {
  if (!lives.hasSubscribers) return
  publish({ cookie: settings.cookie.name, event: 'ended', id: key && publicId(key), owner, reason, count })
}

/** Publishes that a session was created, or got a new token. `before`: the state before the save. */
export function publishSaved(work: Told, before: State): void {
  const { settings, state } = work
  if (!lives.hasSubscribers || state.kind !== 'stored') return
  const about = { cookie: settings.cookie.name, ...subjectOf(work) }
  if (before.kind !== 'stored') publish({ ...about, event: 'created' })
  else if (before.key !== state.key) publish({ ...about, event: 'renewed', previousId: publicId(before.key) })
}

/** Carries out a save under the channels that somebody listens to. */
export function watched<T>(work: Told, step: string, commit: () => Answer<T>): Promise<T> {
  const told = () => toldOf(work, commit)
  return committing.hasSubscribers ? traced(committing, work, () => step, told) : told()
}

/** Why changes were refused; undefined for what is no refusal. */
function reasonOf(error: unknown): RefusalReason | undefined {
  if (error instanceof SupersededError) return 'superseded'
  if (error instanceof ConflictError) return 'conflict'
  return error instanceof LimitError ? 'limit' : undefined
}

async function toldOf<T>(work: Told, commit: () => Answer<T>): Promise<T> {
  const before = work.state
  try {
    const change = await commit()
    publishSaved(work, before)
    if (before.kind === 'broken') publishEnd(work.settings, before.reason, before.key, undefined)
    return change
  } catch (error) {
    const reason = reasonOf(error)
    if (reason !== undefined) publish({ cookie: work.settings.cookie.name, event: 'refused', ...subjectOf(work), reason })
    throw error
  }
}
