import type { Account } from './account.ts'
import type { Ledger } from './ledger.ts'
import type { Operation, Values } from './operations.ts'
import { same } from './payloads.ts'
import { JOB_RULES, LOGOUT_WINS, SCRIPT_RULES } from './script-laws.ts'

/** What a client got. */
export interface Answered {
  readonly status: number
  readonly cookies: readonly string[]
  /** The token in its Set-Cookie; '' when it clears the cookie. */
  readonly token: string | undefined
  /** Its key. */
  readonly cookieKey: string | undefined
  readonly body: Values
}

/** All that a run left behind. */
export interface Outcome {
  readonly ledger: Ledger
  /** The keys of the tokens that clients had at the start. */
  readonly known: ReadonlySet<string>
  readonly answers: ReadonlyMap<string, Answered>
  /** What is in the store. */
  readonly rows: ReadonlyMap<string, Values>
  /** Whether the clock moved meanwhile. */
  readonly ticked: boolean
}

type Rule = readonly [name: string, broken: (outcome: Outcome) => boolean]
export type ReplyRule = readonly [name: string, broken: (account: Account, answer: Answered, outcome: Outcome) => boolean]

/** What must hold of the store. */
const RULES: readonly Rule[] = [
  [
    'what lives is what was saved, in the order of the saves: no edit is lost, none mixed, none of a failed request kept, nothing popped comes back',
    ({ ledger, rows }) => [...ledger.sessions].some(([key, { values }]) => !same(values, rows.get(key))),
  ],
  [
    'what was destroyed, renewed or has expired is nowhere, and no row is there but for sessions and traces',
    ({ ledger, rows }) => [...rows.keys()].some((key) => !ledger.sessions.has(key) && !ledger.traces.has(key)),
  ],
  [
    'there is a way to every session: a cookie that somebody got, unless the reply never arrived',
    ({ ledger, known, answers }) => {
      const reached = new Set([...answers.values()].map(({ cookieKey }) => cookieKey))
      const unreached = [...ledger.accounts.values()].filter(({ died, failed, operation }) => died || failed || operation.isJob)
      const lost = new Set(unreached.flatMap(({ newKey, story }) => story?.calls.newKeys ?? (newKey === undefined ? [] : [newKey])))
      return [...ledger.sessions.keys()].some((key) => !known.has(key) && !reached.has(key) && !lost.has(key))
    },
  ],
  [
    'what nobody ended is not lost: it is in one session, or, when a merge was cut short, in two',
    ({ ledger, rows, known, ticked }) => {
      if (ticked || [...ledger.accounts.values()].some(({ operation }) => operation.ends)) return false
      const held = (key: string) => [...rows.values()].filter((values) => key in values).length
      return held('base') !== 1 || (known.size > 1 && held('other') === 0)
    },
  ],
  [
    'the end of all sessions of an owner ends every one that lived when it was asked for, renewed meanwhile or not',
    ({ ledger }) => [...ledger.sessions.values()].some(({ root }) => ledger.doomed.has(root)),
  ],
]

const isSafe = ({ operation }: Account) => operation.method === 'GET'
/** Whether the request has something to save. */
const wants = ({ operation, loaded, other }: Account) => operation.edit !== undefined && (operation.saves?.(loaded ?? {}, other) ?? true)
/** Whether the session that a request came with ended before its last call. */
const superseded = ({ loaded, alive, traced }: Account) => (loaded === undefined ? traced : !alive)
/** Without values there is nothing to start a session with. */
const empty = ({ operation, other }: Account) => Object.keys(operation.edit?.({}, '', other) ?? {}).length === 0

/** What must hold of each reply. */
const REPLY_RULES: readonly ReplyRule[] = [
  [
    'a reply is 200, 409 for an unsafe request that came too late, 503 when its time was over or its connection broken, or the 500 of its handler',
    (account, { status }) => {
      if (status === 503) return !account.slow && !account.failed
      if (status === 409) return isSafe(account) || !wants(account)
      return status !== (account.operation.fails ? 500 : 200)
    },
  ],
  ['409 only when the session ended or was renewed meanwhile', (account, { status }) => status === 409 && !superseded(account)],
  [
    'what was answered with an error saved nothing, unless its outcome is unknown',
    ({ saved, failed, died }, { status }) => status !== 200 && saved.length > 0 && !((failed || died) && status === 503),
  ],
  [
    'what was answered with success was saved, once',
    (account, { status }) => {
      if (status !== 200 || account.saved.length === 1) return false
      if (account.saved.length > 1) return true
      // An answer got lost, and another had saved exactly the same.
      if (!wants(account) || account.idle) return false
      // There was nothing to start with, or a safe method's edits are dropped as it came too late.
      const nothing = empty(account) && (account.loaded === undefined || superseded(account))
      return !nothing && !(isSafe(account) && superseded(account))
    },
  ],
  [
    'a straggler, whose session was renewed before it came, starts none, unless it renews as well',
    ({ operation, loaded, traced, saved }) => !operation.renews && loaded === undefined && traced && saved.length > 0,
  ],
  [
    'a session that was merged is over',
    // Its end may come when the request's time is over: then it is not made, and the log says so.
    ({ otherKey = '', saved, failed, slow }, { status }, { ledger }) =>
      status === 200 && !failed && !slow && saved.length > 0 && ledger.sessions.has(otherKey),
  ],
  ['at most one Set-Cookie', (_account, { cookies }) => cookies.length > 1],
  [
    'a cookie is for a new or renewed token of this request alone, and none for one that came too late',
    ({ newKey }, { cookieKey, status }) => (cookieKey || undefined) !== (status === 200 ? newKey : undefined),
  ],
  [
    'a logout clears the cookie',
    ({ operation, key }, { cookieKey, status }) => operation.destroys === true && key !== '' && status === 200 && cookieKey !== '',
  ],
  [
    'nothing else does, and none that failed, unless the session was ended in a second try',
    ({ operation, failed, slow }, { cookieKey, status }) =>
      cookieKey === '' && (operation.destroys !== true || (status !== 200 && !((failed || slow) && status === 503))),
  ],
  LOGOUT_WINS,
  [
    'a read shows the session as one save left it',
    ({ operation, loaded }, { status, body }) => operation.shows === true && status === 200 && !same(body, loaded ?? {}),
  ],
]

function rulesOf({ isJob, isScript }: Operation): readonly ReplyRule[] {
  if (isJob) return JOB_RULES
  return isScript ? SCRIPT_RULES : REPLY_RULES
}

/** The rules that an outcome breaks. */
export function brokenLaws(outcome: Outcome): string[] {
  const { ledger, answers } = outcome
  const store = RULES.filter(([, broken]) => broken(outcome)).map(([name]) => name)
  const replies = [...answers].flatMap(([name, answer]) => {
    const account = ledger.accounts.get(name)
    if (account === undefined) return [`${name} is not known`]
    return rulesOf(account.operation)
      .filter(([, broken]) => broken(account, answer, outcome))
      .map(([rule]) => `${name}: ${rule}`)
  })
  return [...ledger.complaints, ...store, ...replies]
}
