import expressSession from 'express-session'
import type { ExpressCallback, ExpressSessionStore } from '../../stores/express.ts'

type Verb = 'get' | 'set' | 'destroy'
type Call = (...args: unknown[]) => unknown

/** What a store is made of that answers in a way of its own. */
export interface StyledStore extends ExpressSessionStore {
  /** What it was called with, as `verb id`. */
  readonly calls: string[]
  /** Fails each call of a verb with this error, from now on; with none, no more. */
  fail(verb: Verb, error: Error | undefined): void
}

/** The MemoryStore of express-session, answering in a style that some other store has. */
export function styled(styleOf: (verb: Verb, work: (...args: unknown[]) => Promise<unknown>) => Call): StyledStore {
  const inner = new expressSession.MemoryStore()
  const calls: string[] = []
  const failing = new Map<Verb, Error | undefined>()
  const method = (verb: Verb): Call =>
    styleOf(verb, async (...args) => {
      calls.push(`${verb} ${args[0]}`)
      const error = failing.get(verb)
      if (error) throw error
      return promised(inner, verb, args)
    })
  return {
    ...{ get: method('get'), set: method('set'), destroy: method('destroy') },
    calls,
    fail: (verb, error) => void failing.set(verb, error),
  }
}

/** What express's MemoryStore answers to a verb. */
function promised(store: expressSession.MemoryStore, verb: Verb, args: readonly unknown[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const callback: ExpressCallback = (error, answer) => (error ? reject(error) : resolve(answer))
    Reflect.apply(store[verb], store, [...args, callback])
  })
}

/** The arguments without the callback, and the callback. */
function apart(args: readonly unknown[]): [unknown[], ExpressCallback] {
  return [args.slice(0, -1), args.at(-1) as ExpressCallback]
}

/** Gives a method the number of parameters that it seems to declare. */
function declaring(parameters: number, call: Call): Call {
  return Object.defineProperty(call, 'length', { value: parameters })
}

const declared = { get: 2, set: 3, destroy: 2 } as const

/** The styles that are around, each by the store that has it. */
export const STYLES: Readonly<Record<string, Parameters<typeof styled>[0]>> = {
  'a callback alone (connect-pg-simple)': (verb, work) =>
    declaring(declared[verb], (...args) => {
      const [rest, callback] = apart(args)
      work(...rest).then((answer) => callback(null, answer), callback)
    }),
  'a callback that has a default (connect-mongo)': (verb, work) =>
    declaring(declared[verb] - 1, (...args) => {
      const [rest, callback] = apart(args)
      work(...rest).then((answer) => callback(null, answer), callback)
    }),
  'a promise alone': (verb, work) => declaring(declared[verb] - 1, (...args) => work(...args.slice(0, -1))),
  'a promise, whatever it is called with':
    (_, work) =>
    (...args) =>
      work(...args.slice(0, -1)),
  'a callback and a promise of nothing (connect-redis)': (verb, work) =>
    declaring(declared[verb], async (...args) => {
      const [rest, callback] = apart(args)
      return work(...rest).then((answer) => callback(null, answer), callback)
    }),
  'a callback and a promise that rejects as well (connect-session-knex)': (verb, work) =>
    declaring(declared[verb], async (...args) => {
      const [rest, callback] = apart(args)
      try {
        callback(null, await work(...rest))
      } catch (error) {
        callback(error)
        throw error
      }
    }),
  'a promise that is kept before the callback is called': (verb, work) =>
    declaring(declared[verb], async (...args) => {
      const [rest, callback] = apart(args)
      work(...rest).then((answer) => setImmediate(callback, null, answer), callback)
    }),
  'a callback that is called again': (verb, work) =>
    declaring(declared[verb], (...args) => {
      const [rest, callback] = apart(args)
      work(...rest).then(
        (answer) => {
          callback(null, answer)
          callback(new Error('once more'))
          callback(null, { cookie: {} })
        },
        (error) => {
          callback(error)
          callback(null, { cookie: {} })
        },
      )
    }),
}
