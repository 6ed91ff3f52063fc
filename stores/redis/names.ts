import { createHash } from 'node:crypto'
import { checkedKey } from '../shared/text.ts'

/** What is kept beside a session: its owner; that a move here is announced; where it was moved. */
export type Beside = 'owner' | 'pending' | 'moved'

const KEY = /^;?[A-Za-z0-9_-]{1,43}$/
/** The slot of a key depends only on what is between its first brace and the next closing one, if that is not empty (Redis Cluster specification). */
const HASH_TAG = /^[^{]*\{([^}]+)\}/

/** The names of a session's keys in Redis. */
export type Names = ReturnType<typeof namesOf>

/** The names under a prefix. Throws a TypeError for a prefix that could be mistaken for others. */
export function namesOf(prefix: string, clientPrefix: string) {
  check(prefix, clientPrefix)
  const whole = clientPrefix + prefix
  // A prefix with a hash tag puts all its keys into one slot; without one, the session's whole name is the tag of what is kept beside it.
  const tagged = HASH_TAG.test(whole)
  const before = tagged ? `beside:${prefix}` : `{${whole}`
  const after = tagged ? ':' : '}:'
  const index = `owners:${prefix.length}:${prefix}`
  return {
    /** The payload's name, as in SCS. Throws a RangeError for a wrong key. */
    session: (key: string) => prefix + checkedKey(key),
    /** The name of what is kept beside it. */
    beside: (key: string, what: Beside) => before + key + after + what,
    /** The name of an owner's index. It contains the SHA-1 of the owner, which Redis' scripts can compute as well. */
    index: (owner: string) => index + createHash('sha1').update(owner).digest('hex'),
    /** The key in a whole name, as Redis lists it; undefined if the name is not a session's of this store. */
    keyOf: (name: string) => (name.startsWith(whole) && KEY.test(name.slice(whole.length)) ? name.slice(whole.length) : undefined),
    /** Whether the prefix puts all sessions into one slot. */
    isTagged: tagged,
    /** A pattern for whole names. */
    pattern: `${whole.replace(/[*?[\]\\^]/g, '\\$&')}*`,
    /** For scripts that build names: what comes before a key, with the client's prefix, and what comes after. */
    whole: { session: whole, before: clientPrefix + before, after, index: clientPrefix + index },
  }
}

function check(prefix: string, clientPrefix: string): void {
  const refuse = (rule: string) => {
    throw new TypeError(`RedisStore: the option prefix ${rule}`)
  }
  if (typeof prefix !== 'string' || prefix === '' || !prefix.isWellFormed()) refuse('must be a string that is not empty')
  if (/^(owners|beside):/.test(prefix)) refuse("must not begin with 'owners:' or 'beside:', which are the store's own")
  const whole = clientPrefix + prefix
  if (/[{}]/.test(whole) && !HASH_TAG.test(whole)) refuse('has a brace, so it must have a whole hash tag such as {app}')
}
