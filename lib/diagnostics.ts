import { type TracingChannel, tracingChannel } from 'node:diagnostics_channel'
import type { Answer } from '../types/store.ts'

/** What the channels `scs:load` and `scs:commit` publish. It never has a token or a key. */
export interface ChannelContext {
  /** The name of the session cookie, which tells several managers apart. */
  readonly cookie: string
  /** `load`: where the session came from. `commit`: what was done about it. */
  result: string
}

/** Around the look-up of a request's session. */
export const loading: TracingChannel<unknown, ChannelContext> = tracingChannel('scs:load')

/** Around the saving of a request's session, when there is anything to save. */
export const committing: TracingChannel<unknown, ChannelContext> = tracingChannel('scs:commit')

/** Runs a step under a channel that somebody listens to. */
export async function traced<T>(
  channel: TracingChannel<unknown, ChannelContext>,
  context: ChannelContext,
  step: () => Answer<T>,
): Promise<T> {
  let answer: T | undefined
  await channel.tracePromise(async () => {
    answer = await step()
    // Node writes what the promise resolves to into `context.result`.
    return context.result
  }, context)
  return answer as T
}
