import { createHash } from 'node:crypto'
import { checkedKey } from '../shared/text.ts'

/** Who owns the session; that it is not there yet; where it went. */
export type Beside = 'owner' | 'pending' | 'moved'

const KEY = /^;?[A-Za-z0-9_-]{1,43}$/
/** What is between the first brace and the next closing one decides the slot, when it is not empty (Redis Cluster specification). */
const HASH_TAG = /^[^{]*\{([^}]+)\}/

/** What Redis knows a session's parts by. */
export type Names = ReturnType<typeof namesOf>

/** The names under a prefix. Throws a TypeError for a prefix that could not be told from others. */
export function namesOf(prefix: string, clientPrefix: string) {
  check(prefix, clientPrefix)
  const whole = clientPrefix + prefix
  // A prefix with a hash tag puts all its keys into one slot; without one, the session's whole name is the tag of what is kept beside it.
  const tagged = HASH_TAG.test(whole)
  const before = tagged ? `beside:${prefix}` : `{${whole}`
  const after = tagged ? ':' : '}:'
  const index = `owners:${prefix.length}:${prefix}`
  return {
    /** The payload: the name that SCS gives it. Throws a RangeError for what is no key. */
    session: (key: string) => prefix + checkedKey(key),
    /** What is kept beside it. */
    beside: (key: string, what: Beside) => before + key + after + what,
    /** The index of an owner's keys. It has the owner's digest: one that Redis' scripts can make as well. */
    index: (owner: string) => index + createHash('sha1').update(owner).digest('hex'),
    /** The key of a session's whole name, as Redis lists it; undefined when it is another's. */
    keyOf: (name: string) => (name.startsWith(whole) && KEY.test(name.slice(whole.length)) ? name.slice(whole.length) : undefined),
    /** Whether the prefix puts all sessions into one slot. */
    isTagged: tagged,
    /** A pattern for whole names. */
    pattern: `${whole.replace(/[*?[\]\\^]/g, '\\$&')}*`,
    /** For scripts that make names of their own: what comes before a key, with the client's prefix, and what comes after. */
    whole: { session: whole, before: clientPrefix + before, after, index: clientPrefix + index },
  }
}

function check(prefix: string, clientPrefix: string): void {
  const refuse = (rule: string) => {
    throw new TypeError(`RedisStore: the option prefix ${rule}`)
  }
  if (typeof prefix !== 'string' || prefix === '' || !prefix.isWellFormed()) refuse('must be text that is not empty')
  if (/^(owners|beside):/.test(prefix)) refuse("must not begin with 'owners:' or 'beside:', which are the store's own")
  const whole = clientPrefix + prefix
  if (/[{}]/.test(whole) && !HASH_TAG.test(whole)) refuse('has a brace, so it must have a whole hash tag such as {app}')
}
