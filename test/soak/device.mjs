/** How far the clocks of a client, a server and a database may seem apart, on one machine, in milliseconds. */
const MARGIN_MS = 50

/**
 * What a client knows about one session: its token, what it wrote there, what may have been written besides, and until when the session
 * lives. A 503 or a lost connection says nothing: then both outcomes are possible until the client looks again.
 */
export class Device {
  /** The values that the session has if all doubts are unfounded. */
  known = {}
  /** Further values that a key may have. */
  #further = new Map()
  /** How many increments may have been made besides. */
  #increments = 0
  /** Whether it may have ended, or moved to a token that nobody knows. */
  mayBeGone = false
  /** Whether the client must look before it does anything else. */
  inDoubt = false
  #pace
  // It certainly lives before the first and is certainly gone after the second; then the same of its absolute deadline.
  #livesUntil = 0
  #goneAt = 0
  #deadlineFrom = 0
  #deadlineTo = 0

  constructor(pace, token, reply) {
    this.#pace = pace
    this.renewed(token, reply)
  }

  get isUser() {
    return this.known.user !== undefined
  }

  /** Whether it is certain that it lives so many milliseconds from now. */
  livesFor(ms) {
    return !this.inDoubt && !this.mayExpireBy(Date.now() + ms)
  }

  mayExpireBy(moment) {
    return this.mayBeGone || moment >= this.#livesUntil - MARGIN_MS
  }

  /** A reply gave the session this token, and a whole lifetime. */
  renewed(token, { sentAt, doneAt }) {
    const { lifetime } = this.#pace
    this.token = token
    this.#deadlineFrom = sentAt + lifetime
    this.#deadlineTo = doneAt + lifetime
    this.used({ sentAt, doneAt }, true)
  }

  /**
   * A reply showed the session, so its life is prolonged. That is certain when it was saved; one that was only read near its end may have
   * expired on the way.
   */
  used({ sentAt, doneAt }, saved) {
    const { idleTimeout, touchInterval } = this.#pace
    if (saved || !this.mayExpireBy(doneAt)) this.#livesUntil = Math.min(sentAt + idleTimeout - touchInterval, this.#deadlineFrom)
    this.#goneAt = Math.min(Math.max(this.#goneAt, doneAt + idleTimeout), this.#deadlineTo)
  }

  /** The session may have been used, now or until the request is over. */
  maybeUsed({ doneAt }) {
    this.#goneAt = Math.min(Math.max(this.#goneAt, doneAt + this.#pace.grace + this.#pace.idleTimeout), this.#deadlineTo)
  }

  /** What was merged into it may have brought a later deadline. */
  tookOver(other) {
    this.#deadlineFrom = Math.max(this.#deadlineFrom, other.#deadlineFrom)
    this.#deadlineTo = Math.max(this.#deadlineTo, other.#deadlineTo)
  }

  /** A change of which nobody knows whether it was made. */
  doubt(key, value) {
    this.inDoubt = true
    if (key === 'count') this.#increments++
    else if (key !== undefined) this.#further.set(key, [...(this.#further.get(key) ?? []), value])
  }

  /** What is wrong with a reply that shows these values; undefined when nothing is. */
  complaint(values, { sentAt }) {
    if (values.visitor !== this.known.visitor) return `${this.known.visitor} was shown the session of ${values.visitor}`
    if (sentAt > this.#goneAt + MARGIN_MS) return `a session lives ${sentAt - this.#goneAt} ms after it had to expire`
    for (const key of ['user', 'mark', 'flash', 'count']) {
      if (!this.#allows(key, values[key])) return `${key} is ${values[key]}, and ${this.known[key]} was written${this.#doubts(key)}`
    }
    return undefined
  }

  #allows(key, value) {
    if (key !== 'count') return value === this.known[key] || (this.#further.get(key)?.includes(value) ?? false)
    const least = this.known.count ?? 0
    return (value ?? 0) >= least && (value ?? 0) <= least + this.#increments
  }

  #doubts(key) {
    const further = key === 'count' ? this.#increments : this.#further.get(key)
    return further === undefined || further === 0 ? '' : `, and perhaps ${further} besides`
  }

  /** What is wrong with a reply that shows no session. */
  complaintOfNone({ doneAt }) {
    const left = this.#livesUntil - MARGIN_MS - doneAt
    return this.mayBeGone || left < 0 ? undefined : `${this.known.visitor} was logged out, ${left} ms before the session may expire`
  }

  /** The session was seen after every doubt had its time: what it holds now is certain. */
  seen(values) {
    this.known = { ...values }
    this.#further.clear()
    this.#increments = 0
    this.mayBeGone = this.inDoubt = false
  }
}
