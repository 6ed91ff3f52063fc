import { conclude, type Outcome } from './conclude.ts'
import {
  type Content,
  counts,
  type Edit,
  edit,
  isReserved,
  keysOf,
  type Look,
  own,
  REMEMBER,
  type Stored,
  touches,
  type Values,
  visible,
} from './content.ts'
import { LIFETIME, type Model, mayPut, Refused } from './model.ts'
import { text } from './values.ts'

/** One request of the model, from its load to its reply: what it loaded, and the changes that it makes to whatever is there in the end. */
export class ModelRequest {
  readonly model: Model
  /** Whether the route leaves the idle time alone. */
  readonly quiet: boolean
  /** Whether the client has a cookie to forget. */
  presented: boolean
  /** What a commit() says of the cookie before the reply does. */
  said: { readonly outcome: Outcome; readonly at: number } | undefined
  /** Whether there is a reply that can bring a cookie. */
  readonly replies: boolean
  /** The session that was loaded or saved, until it ends here. */
  mine: { readonly token: string; readonly loaded: Stored } | undefined
  /** A token that no session has. */
  stranger: string | undefined
  ended = false
  /** The token of that session, in whatever state that is by now. */
  #loadedToken: string | undefined
  #base: Content | undefined
  edits: Edit[] = []
  deadlineSet: number | undefined
  renewal: { readonly deadline: number | undefined } | undefined
  merged: { readonly token: string; readonly content: Content }[] = []
  failed = false

  constructor(model: Model, cookie: string | undefined, quiet = false, replies = true) {
    const loaded = cookie === undefined ? undefined : model.sessions.get(cookie)
    this.model = model
    this.quiet = quiet
    this.replies = replies
    this.presented = cookie !== undefined
    this.mine = cookie !== undefined && loaded !== undefined ? { token: cookie, loaded } : undefined
    this.stranger = this.mine === undefined ? cookie : undefined
    this.#loadedToken = this.mine?.token
  }

  /** The content before the edits, read at the first need: what has passed its deadline by then is a new session from then on. */
  get base(): Content {
    this.#base ??= this.#read()
    return this.#base
  }

  /** Whether the content was looked at. */
  get isRead(): boolean {
    return this.#base !== undefined
  }

  #read(): Content {
    const { model, mine } = this
    if (mine !== undefined && mine.loaded.deadline > model.now) return mine.loaded
    if (mine !== undefined) model.meet('a session passed its deadline before it was looked at')
    this.stranger ??= mine?.token
    this.mine = undefined
    return { deadline: model.now + LIFETIME, values: {} }
  }

  get view(): Values {
    return edit(this.base.values, this.edits)
  }

  get deadline(): number {
    return this.deadlineFrom(this.base.deadline)
  }

  /** The deadline, where the store has this one. */
  deadlineFrom(stored: number): number {
    return (this.failed ? undefined : this.deadlineSet) ?? this.renewal?.deadline ?? stored
  }

  // --- what a handler does ---

  look(): Look {
    const view = this.view
    const isModified = this.renewal !== undefined || this.edits.some(counts) || this.deadlineSet !== undefined
    return {
      data: visible(view),
      keys: keysOf(view),
      deadline: this.deadline,
      status: isModified ? 'modified' : this.ended ? 'destroyed' : 'unmodified',
      isNew: this.mine === undefined,
      token: this.mine === undefined ? '' : this.renewal === undefined ? this.mine.token : 'new',
    }
  }

  get(key: string): unknown {
    return own(visible(this.view), key)
  }

  put(key: string, value: unknown): void {
    mayPut(key, value)
    this.#put(key, value)
  }

  remember(remember: boolean): void {
    this.#put(REMEMBER, remember)
  }

  #put(key: string, value: unknown): void {
    this.edits.push({ does: 'put', key, value, isIdle: !touches(this.edits, key) && text(own(this.view, key)) === text(value) })
  }

  remove(key: string): void {
    if (isReserved(key)) throw new Refused('FST_ERR_SCS_KEY')
    this.edits.push({ does: 'remove', key, isIdle: !touches(this.edits, key) && own(this.view, key) === undefined })
  }

  pop(key: string): unknown {
    const value = this.get(key)
    if (value !== undefined) this.remove(key)
    return value
  }

  count(key: string): void {
    mayPut(key, 0)
    void this.base
    this.edits.push({ does: 'count', key })
  }

  clear(): void {
    this.edits.push({ does: 'clear', isIdle: Object.keys(this.view).length === 0 })
  }

  setDeadline(deadline: number): void {
    void this.base
    this.deadlineSet = deadline
  }

  renew(keepDeadline: boolean): void {
    void this.base
    const before = this.renewal?.deadline
    this.renewal = { deadline: keepDeadline ? before : this.model.now + LIFETIME }
    if (!keepDeadline) this.deadlineSet = undefined
  }

  regenerate(keys: readonly string[]): void {
    this.renew(false)
    this.edits.push({ does: 'keep', keys })
  }

  /** Saves now: what comes later is a change to that. */
  commit(): void {
    void this.base
    const outcome = conclude(this)
    if (outcome.cookie === 'superseded') throw new Refused('FST_ERR_SCS_SUPERSEDED')
    if (outcome.cookie === 'none' || !this.replies) return
    this.model.meet('a commit put a cookie on the reply')
    this.said = { outcome, at: this.model.now }
    this.presented = true
  }

  /** The session is in the store like this. */
  saved(token: string, stored: Stored): void {
    this.mine = { token, loaded: stored }
    this.#loadedToken = token
    this.#base = stored
    this.ended = false
    this.stranger = this.deadlineSet = this.renewal = undefined
    this.edits = []
    this.merged = []
  }

  destroy(): void {
    if (this.#loadedToken !== undefined) this.model.end(this.#loadedToken)
    else if (this.stranger !== undefined) this.model.endSuccessor(this.stranger)
    this.ended = true
    this.mine = this.#loadedToken = this.stranger = this.#base = this.deadlineSet = this.renewal = undefined
    this.edits = []
    this.merged = []
    void this.base
  }

  merge(token: string | undefined): void {
    void this.base
    const content = token === undefined ? undefined : this.model.sessions.get(token)
    if (token === undefined || content === undefined || token === this.#loadedToken) return
    const { deadline } = this
    for (const [key, value] of Object.entries(content.values)) this.edits.push({ does: 'put', key, value })
    if (content.deadline > deadline) this.deadlineSet = content.deadline
    this.merged.push({ token, content })
  }
}
