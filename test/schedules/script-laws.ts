import type { Account } from './account.ts'
import type { Answered, ReplyRule } from './laws.ts'
import type { Moment } from './story.ts'

/** Whether the reply is the one that the handler meant. */
const stands = ({ operation }: Account, { status }: Answered) => status === (operation.fails ? 500 : 200)

/** Holds for every request that may end its session. */
export const LOGOUT_WINS: ReplyRule = [
  'a logout wins: the session is over, wherever renewals moved it',
  (account, answer, { ledger, ticked }) => {
    const { operation, key, loaded, slow, story } = account
    if (operation.destroys !== true || !stands(account, answer) || key === '') return false
    // The trace of a renewal is there for a minute, and no request has so long.
    if (slow || ledger.late || (loaded === undefined && ticked)) return false
    const keys = story === undefined || story.isUncertain ? [key] : story.calls.endedKeys
    const ended = new Set(keys.map((each) => ledger.rootOf(each)))
    return [...ledger.sessions.values()].some(({ root }) => ended.has(root))
  },
]

/** What is known of a request at its last step. */
const atLast = ({ alive, ...account }: Account): Moment => ({ ...account, lives: () => alive, endures: () => alive })
/** Whether the session of a request ended, or was renewed, and not by itself. */
const isLate = (account: Account) => account.story?.isLate(atLast(account)) === true
/** Its edits are dropped when it came too late. */
const isSafe = ({ operation }: Account) => operation.method === 'GET'

/** What must hold of what has no reply. */
export const JOB_RULES: readonly ReplyRule[] = [
  ['a job fails only when the store does', ({ failed, slow }, { status }) => (status === 503 ? !failed && !slow : status !== 200)],
]

/** What must hold of the reply of a request whose handler makes several session calls, awaited or not. */
export const SCRIPT_RULES: readonly ReplyRule[] = [
  [
    'a reply is the one that was meant, 409 when an unsafe request came too late with something to save, 503 when its time was over or its connection broken',
    (account, answer) => {
      if (answer.status === 503) return !account.slow && !account.failed
      if (answer.status === 409) return isSafe(account) || !isLate(account) || account.story?.hasUnsaved !== true
      return !stands(account, answer)
    },
  ],
  [
    'what was answered with success was saved: no change is lost, whenever it was made',
    (account, answer) =>
      stands(account, answer) && account.story?.mustSave(atLast(account)) === true && !(isSafe(account) && isLate(account)),
  ],
  ['at most one Set-Cookie', (_account, { cookies }) => cookies.length > 1],
  [
    'a cookie is that of the last session that the request made or renewed, or cleared when it ended the last',
    (account, answer) => {
      const { story, key } = account
      const { cookieKey } = answer
      if (!stands(account, answer) || story === undefined || story.isUncertain) return false
      // Who came without a cookie need not forget one; and one that came too late has none.
      if (cookieKey === undefined && (key === '' ? story.cookieKey === '' : isSafe(account) && isLate(account))) return false
      return cookieKey !== story.cookieKey
    },
  ],
  [
    'a reply that failed has no other cookie than that of what was saved before',
    (account, answer) => {
      const { cookieKey = '', status } = answer
      return !stands(account, answer) && cookieKey !== '' && (status === 409 || !account.story?.calls.newKeys.includes(cookieKey))
    },
  ],
  LOGOUT_WINS,
  [
    'an end that failed sets no cookie of a new session',
    (account, answer, { ledger }) =>
      account.operation.destroys === true && !stands(account, answer) && Boolean(answer.cookieKey) && ledger.sessions.has(account.key),
  ],
  [
    'a session that was merged is over once that is saved',
    ({ story, failed, slow }, { status }, { ledger }) =>
      status === 200 && !failed && !slow && story?.calls.hasMerged === true && ledger.sessions.has(story.other),
  ],
]
