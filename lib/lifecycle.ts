import type { Failure } from '../types/errors.ts'
import type { SessionLogger } from '../types/options.ts'
import type { ScsSession } from '../types/session.ts'
import type { Answer } from '../types/store.ts'
import { type Adopt, Adoption } from './adoption.ts'
import { Committer } from './commit.ts'
import { Creator } from './create.ts'
import type { Draft } from './data/draft.ts'
import { readRecord, type Values } from './data/record.ts'
import { loading, traced } from './diagnostics.ts'
import { Endings } from './end.ts'
import { ArgumentError } from './errors.ts'
import { Exchange } from './exchange.ts'
import { replyFailure } from './failure.ts'
import { addVary, type HeaderPort, type ReplyPort } from './http/headers.ts'
import { OwnerLimit } from './limit.ts'
import { Loader, type RequestHeaders } from './load.ts'
import type { Task } from './plan.ts'
import { type Refusal, refusalOf, warnOfRefused } from './refused.ts'
import { Saver } from './save.ts'
import { Session, type SessionHost } from './session.ts'
import type { Settings } from './settings.ts'
import { StoreClient } from './store/client.ts'
import { chain, recover } from './store/maybe-promise.ts'
import { isToken } from './token.ts'
import { UnitOfWork } from './unit-of-work.ts'

/** The life of a session in a request: loaded, changed in memory, and saved once. */
export class Lifecycle implements SessionHost {
  readonly settings: Settings
  readonly client: StoreClient
  readonly endings: Endings
  readonly creator: Creator
  readonly loader: Loader
  readonly #saver: Saver
  /** The headers of a request that its reply depends on. */
  readonly variesBy: readonly string[]

  constructor(settings: Settings) {
    this.settings = settings
    this.client = new StoreClient(settings.store, settings.clock)
    this.endings = new Endings(settings, this.client)
    const limit = new OwnerLimit(settings, this.client)
    this.creator = new Creator(settings, this.client, this.endings, limit)
    this.loader = new Loader(settings, this.client)
    this.#saver = new Saver(settings, new Committer(settings, this.client, this.endings, this.creator, limit))
    this.variesBy = settings.tokenHeader === undefined ? ['Cookie'] : ['Cookie', settings.tokenHeader.name]
  }

  begin(reply: ReplyPort | undefined, log: SessionLogger, touches: boolean): UnitOfWork {
    return new UnitOfWork(this.settings, log, new Exchange(reply), touches)
  }

  /** A unit of work that refuses every use. */
  refusing(refusal: () => Error): UnitOfWork {
    const work = this.begin(undefined, this.settings.log, false)
    work.refusal = refusal
    return work
  }

  /** The session of a unit of work, made when it is first asked for. */
  session(work: UnitOfWork): ScsSession<Values> {
    work.facade ??= new Session(work, this)
    return work.facade
  }

  /** Adds to `Vary` the request headers that a reply of a route with sessions depends on. */
  addVary(reply: HeaderPort): void {
    for (const name of this.variesBy) addVary(reply, name)
  }

  /** Loads the session that a request's headers name. Undefined when that is done at once; otherwise a promise, which rejects when the store fails. */
  load(work: UnitOfWork, headers: RequestHeaders): Promise<void> | undefined {
    try {
      const answer = loading.hasSubscribers ? this.#loadTraced(work, headers) : this.loader.load(work, headers)
      return answer && refuseUnloaded(work, answer)
    } catch (error) {
      return refuseUnloaded(work, Promise.reject(error))
    }
  }

  /** Asks, once the load is done, for the session of another library, where the client has none of ours. */
  adopt(work: UnitOfWork, loading: Promise<void> | undefined, adopt: Adopt, request: object): Promise<void> | undefined {
    const adoption = new Adoption(work, this.client, adopt, request)
    work.oldSession = adoption
    const adopting = loading === undefined ? adoption.load() : loading.then(() => adoption.load())
    return adopting && refuseUnloaded(work, adopting)
  }

  #loadTraced(work: UnitOfWork, headers: RequestHeaders): Promise<void> {
    let result = ''
    const load = async () => {
      await this.loader.load(work, headers)
      result = work.state.kind
    }
    return traced(loading, work, () => result, load)
  }

  /**
   * Saves the session with the reply, once however often it is called: takes no more changes, waits for the calls that the handler did not
   * await, plans, and carries the plan out. Returns the failure for which the reply must be replaced; a promise only while the save is under way.
   */
  conclude(work: UnitOfWork, statusCode: number, method: string): Answer<Failure | undefined> {
    const { exchange } = work
    if (exchange.isClosed) return exchange.outcome
    const hasFailed = exchange.errors > 0 && statusCode >= 500
    const late = work.lateEdits === undefined || hasFailed ? undefined : refusalOf(work.lateEdits)
    exchange.isClosed = true
    if (work.refusal !== undefined) return undefined
    warnOfRefused(work, statusCode)
    if (work.isBusy || late !== undefined) return this.#outcome(work, this.#taskWhenSettled(work, hasFailed, late), method)
    exchange.hasFailed = hasFailed
    const task = this.#saver.taskFor(work, work.unsavedDraft)
    return task === undefined ? undefined : this.#outcome(work, task, method)
  }

  /**
   * A promise even when all is done at once: when a handler sends and then throws, the reply to its error must find this one waiting.
   */
  #outcome(work: UnitOfWork, planned: Answer<Task | undefined>, method: string): Answer<Failure | undefined> {
    const { exchange } = work
    const fail = (error: unknown) => replyFailure(work, error, method)
    const outcome = recover(() => chain(planned, (task) => this.#carryOut(work, task)), fail)
    const settled = Promise.resolve(outcome).then((failure) => {
      exchange.outcome = failure
      return failure
    })
    exchange.outcome = settled
    return settled
  }

  #carryOut(work: UnitOfWork, task: Task | undefined): Answer<undefined> {
    const saved = task === undefined ? undefined : this.#saver.carryOut(work, work.unsavedDraft, task)
    const mustSettle = () => work.oldSession?.isPending && !work.exchange.hasFailed
    return chain(saved, () => (mustSettle() ? work.oldSession?.settle().then(() => undefined) : undefined))
  }

  /** The task, once all calls are done. The request counts as failed only from then on: a handler made its calls before it failed. */
  async #taskWhenSettled(work: UnitOfWork, hasFailed: boolean, late: Refusal | undefined): Promise<Task | undefined> {
    await work.settle()
    // An end that failed is tried again before anything else is saved.
    if (work.owesEnd) await this.#end(work)
    if (late !== undefined) throw late.error
    work.exchange.hasFailed = hasFailed
    return this.#saver.taskFor(work, work.unsavedDraft)
  }

  async #end(work: UnitOfWork): Promise<void> {
    await this.endings.end(work)
    // Until the old one has ended as well: should that fail, it is tried again with the reply.
    work.owesEnd = work.oldSession !== undefined
    await work.oldSession?.end()
    work.owesEnd = false
  }

  // The calls of a session, which run one after the other.

  destroy(work: UnitOfWork): Promise<void> {
    work.startAnew()
    return work.enqueueEnd(() => this.#end(work))
  }

  merge(work: UnitOfWork, token: string): Promise<void> {
    if (typeof token !== 'string') throw new ArgumentError('mergeSession(token)', 'needs a token')
    return work.enqueueDraft((draft) => this.#absorb(work, draft, token))
  }

  async #absorb(work: UnitOfWork, draft: Draft, token: string): Promise<void> {
    if (!isToken(token) || (work.state.kind === 'stored' && work.state.token === token)) return
    const located = await this.loader.locate(token)
    if (located === undefined) return
    const { key, found } = located
    const other = readRecord(this.settings, found.data, this.settings.clock())
    if (!('unreadable' in other)) draft.absorb(other, { key, data: found.data })
  }

  commit(work: UnitOfWork): Promise<string | undefined> {
    work.lateEdits?.()
    return work.enqueueDraft(async (draft) => {
      const { reply } = work.exchange
      if (reply?.raw.headersSent === false) this.addVary(reply)
      if (work.owesEnd) await this.#end(work)
      return await this.#saver.save(work, draft)
    })
  }

  reload(work: UnitOfWork): Promise<void> {
    return work.enqueueDraft((draft) => this.loader.reload(work, draft))
  }
}

/** When the load rejects, every later use of the session throws the same error. */
function refuseUnloaded(work: UnitOfWork, loading: Promise<void>): Promise<void> {
  return loading.catch((error) => {
    work.refusal = () => error
    throw error
  })
}
