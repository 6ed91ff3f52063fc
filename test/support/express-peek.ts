import type expressSession from 'express-session'

type Memory = expressSession.MemoryStore

/** Holds the calls of `set` back until they are released. */
export function holdSet(express: Memory) {
  const { set } = express
  const waiting: (() => void)[] = []
  let note = () => {}
  const called = new Promise<void>((resolve) => {
    note = resolve
  })
  express.set = (id, session, callback) => {
    waiting.push(() => set.call(express, id, session, callback))
    note()
  }
  /** Lets the calls to come through, and loses those that wait. */
  const drop = () => {
    express.set = set
  }
  const release = () => {
    drop()
    for (const call of waiting) call()
  }
  return { called, calls: () => waiting.length, drop, release }
}

/** What express's MemoryStore keeps, as text, expired or not. */
export function sessionsOf(express: Memory): Record<string, string> {
  return (express as unknown as { sessions: Record<string, string> }).sessions
}

/** What a store's `all` gives. */
export function allOf(express: Memory): Promise<Record<string, expressSession.SessionData>> {
  return new Promise((resolve) => express.all((_error, sessions) => resolve(sessions ?? {})))
}
