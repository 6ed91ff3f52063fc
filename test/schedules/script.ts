import type { ScsSession } from '../../index.ts'
import { type Actor, actors } from './gated-store.ts'
import { type Context, OPERATIONS, type Operation, OWNER, type Values } from './operations.ts'

/** A change of a session, as a handler makes it and as what it comes to. */
interface Change {
  /** Makes it. The sign is its own, so that what each change did can be told apart. */
  run(session: ScsSession, sign: string): unknown
  /** @param returned what `run` did */
  edit(values: Values, sign: string, returned: unknown): Values
  /** Whether it is none where the session holds these values. */
  isNone?(values: Values): boolean
}

const without = (values: Values, key: string): Values => Object.fromEntries(Object.entries(values).filter(([name]) => name !== key))

export const CHANGES = {
  put: {
    run(session, sign) {
      session.put(`by${sign}`, sign)
      session.put('same', sign)
    },
    edit: (values, sign) => ({ ...values, [`by${sign}`]: sign, same: sign }),
  },
  /** Puts what is there already, which is no reason for a save. */
  again: {
    run(session) {
      const value = session.get('same')
      if (value !== undefined) session.put('same', value)
      return value
    },
    edit: (values, _sign, returned) => (returned === undefined ? values : { ...values, same: returned }),
    isNone: (values) => !('same' in values),
  },
  update: {
    run: (session) => session.update('hits', (hits) => Number(hits ?? 0) + 1),
    edit: (values) => ({ ...values, hits: Number(values['hits'] ?? 0) + 1 }),
  },
  remove: {
    run: (session) => session.remove('same'),
    edit: (values) => without(values, 'same'),
    isNone: (values) => !('same' in values),
  },
  pop: {
    run: (session) => session.pop('flash'),
    edit: (values) => without(values, 'flash'),
    isNone: (values) => !('flash' in values),
  },
  clear: { run: (session) => session.clear(), edit: () => ({}), isNone: (values) => Object.keys(values).length === 0 },
  renew: { run: (session) => session.renewToken(), edit: (values) => values },
  regenerate: {
    run: (session) => void session.regenerate(['base']),
    edit: ({ base }) => (base === undefined ? {} : { base }),
  },
} as const satisfies Record<string, Change>

/** What waits for the store, awaited or not. */
const CALLS = {
  commit: (session: ScsSession) => session.commit(),
  destroy: (session: ScsSession) => session.destroy(),
  merge: (session: ScsSession, other: string) => session.mergeSession(other),
} as const

export type ChangeWord = keyof typeof CHANGES
export type CallWord = keyof typeof CALLS
/** A call of the session. */
export type Word = ChangeWord | CallWord
/** `await` awaits what is under way; at `pause` the schedule says when the handler goes on; `throw` ends it. */
const FLOW = ['await', 'pause', 'throw'] as const
type ScriptWord = Word | (typeof FLOW)[number]
/** What is done one after the other. */
type Thread = readonly ScriptWord[]

/** What the session holds before a merge takes it over. */
export const MERGED: Values = { other: 'y', hits: 5, same: 'other', user: OWNER }

const isChange = (word: string): word is ChangeWord => Object.hasOwn(CHANGES, word)
const isCall = (word: string): word is CallWord => Object.hasOwn(CALLS, word)

/** A change of a script. */
export function changeOf(word: Word): Change | undefined {
  return isChange(word) ? CHANGES[word] : undefined
}

function isWord(word: string): word is ScriptWord {
  return isChange(word) || isCall(word) || (FLOW as readonly string[]).includes(word)
}

/** The words of a thread, such as `put commit pause put await`. */
function wordsOf(thread: string): Thread {
  const words = thread.trim().split(' ')
  const known = words.filter(isWord)
  if (known.length < words.length) throw new Error(`no script has the words ${thread}`)
  return known
}

/**
 * A request of a kind: one of those with a name, or one whose handler does what a script says. A script that begins with GET is a safe
 * request. One that begins with JOB has no request: it finds the session by its token, and what it does not commit is not saved; its
 * threads, with `|` between them, go on at once, as the messages of a socket do.
 */
export function operationOf(kind: string): Operation {
  const named = OPERATIONS[kind]
  if (named !== undefined) return named
  const [, prefix, script = ''] = /^(GET|JOB)? ?(.*)$/.exec(kind) ?? []
  const threads = script.split('|').map(wordsOf)
  const has = (...words: ScriptWord[]) => threads.some((thread) => thread.some((word) => words.includes(word)))
  return {
    method: prefix === 'GET' ? 'GET' : 'POST',
    isScript: true,
    async run(session, context) {
      const underWay = await Promise.all(threads.map((thread, i) => runThread(session, context, thread, `.${i}.`)))
      // A reply waits for what its handler did not await; a job has none.
      if (prefix === 'JOB') await Promise.all(underWay.flat())
    },
    ...(prefix === 'JOB' ? { isJob: true } : {}),
    ...(has('destroy', 'clear', 'regenerate') ? { ends: true } : {}),
    ...(has('destroy') ? { destroys: true } : {}),
    ...(has('throw') ? { fails: true } : {}),
  }
}

/** Whether a request takes over a second session. */
export function merges(kind: string): boolean {
  return kind.split(' ').includes('merge')
}

/** Returns what may be under way still. */
async function runThread(session: ScsSession, { name, other }: Context, thread: Thread, mark: string): Promise<Promise<void>[]> {
  const actor = actors.getStore()
  if (actor === undefined) throw new Error('a script runs in a schedule')
  const underWay: Promise<void>[] = []
  for (const [i, word] of thread.entries()) {
    const sign = `${name}${mark}${i}`
    if (isChange(word)) actor.note({ does: 'call', word, sign, returned: CHANGES[word].run(session, sign) })
    else if (word === 'throw') throw fail(actor)
    else if (isCall(word)) underWay.push(call(actor, session, word, sign, other))
    else {
      await (word === 'pause' ? actor.pause() : Promise.all(underWay))
      actor.note({ does: 'look', values: session.data() })
    }
  }
  return underWay
}

function fail(actor: Actor): Error {
  actor.note({ does: 'fail' })
  return new Error('the handler fails')
}

function call(actor: Actor, session: ScsSession, word: CallWord, sign: string, other: string): Promise<void> {
  const called = CALLS[word](session, other).then(
    () => actor.note({ does: 'settle', sign, code: undefined }),
    (error: { code?: string }) => actor.note({ does: 'settle', sign, code: String(error.code) }),
  )
  actor.note({ does: 'call', word, sign, returned: undefined })
  actor.calls(called)
  return called
}
