import type { AdoptedSession, CallbackStore } from '../../types/adopt.ts'
import { has, isBoolean, isObject, type Test } from '../options/checks.ts'
import { plainValues } from './from-cookie.ts'

/** What the old libraries keep in a session beside its values. */
const NO_VALUES = ['cookie', 'sessionId', 'encryptedSessionId']

/** The rules of the options about an old store. */
export const OLD_STORE: readonly [Test, string] = [has('get', 'destroy'), 'must be the old store, with get and destroy']
export const DESTROY_OLD: readonly [Test, string] = [isBoolean, 'must be true or false']

/** Reads a session from a store that calls back. Rejects when the store fails. */
export async function readOldStore(store: CallbackStore, id: string, destroyOld = true): Promise<AdoptedSession | undefined> {
  const session = await called((callback) => store.get(id, callback)).catch(unlessMissing)
  if (!isObject(session) || hasExpired(session)) return undefined
  const end = () => called((callback) => store.destroy(id, callback))
  return { values: plainValues(session, NO_VALUES), end: destroyOld ? end : undefined }
}

/** What a call with a callback answers. A store that also returns a promise may reject that. */
function called(call: (callback: (error?: unknown, answer?: unknown) => void) => unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const returned = call((error, answer) => (error ? reject(error) : resolve(answer)))
    Promise.resolve(returned).catch(reject)
  })
}

/** By convention, the error of a store of files that has no such session. */
function unlessMissing(error: unknown): undefined {
  if ((error as { code?: unknown } | null)?.code === 'ENOENT') return undefined
  throw error
}

/** Whether the cookie in a session says that it is over. */
function hasExpired(session: object): boolean {
  const { expires } = (Reflect.get(session, 'cookie') ?? {}) as { expires?: unknown }
  if (expires === undefined || expires === null) return false
  const at = new Date(expires as string | Date).getTime()
  return Number.isNaN(at) || at <= Date.now()
}
