import type { Failure } from '../types/errors.ts'
import type { Answer } from '../types/store.ts'
import type { Exchange, Run, SavedReply } from './exchange.ts'
import { TO_SHARED_CACHES } from './http/headers.ts'
import { discard, guardStream, patchResponse, statusOf } from './http/payload.ts'
import { errorShape, type ReplaceableReply, replaceReply } from './http/reply.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { UnitOfWork } from './unit-of-work.ts'

/** Makes the payload of a reply whose session could not be saved. */
type ErrorReply<Request, Reply> = (error: Failure, request: Request, reply: Reply) => unknown

/** What is needed of a request whose reply is sent; Fastify's is one. */
interface SendingRequest {
  readonly method: string
  readonly log: Record<'info' | 'error', (fields: object, message: string) => void>
}

/** A reply whose status and headers can be put back; Fastify's is one. */
export interface RestorableReply extends ReplaceableReply {
  readonly statusCode: number
  getHeaders(): Readonly<Record<string, number | string | string[] | undefined>>
}

/**
 * Saves the session before a reply leaves. Fastify may run `onSend` a second time while the first run still waits: when a handler sends and
 * then returns a value or throws, and when its timeout passes. Only one run goes on, so that two replies never mix: the first, or that of
 * an error which was thrown since.
 */
export class ReplySender<Request extends SendingRequest, Reply extends RestorableReply> {
  readonly #lifecycle: Lifecycle
  readonly #errorReply: ErrorReply<Request, Reply>

  constructor(lifecycle: Lifecycle, errorReply: ErrorReply<Request, Reply> = errorShape) {
    this.#lifecycle = lifecycle
    this.#errorReply = errorReply
  }

  /**
   * Returns the payload to send, or undefined for the one that was given; a promise when the save takes time. For a run that is dropped the
   * promise never settles.
   */
  send(work: UnitOfWork, request: Request, reply: Reply, payload: unknown): Answer<unknown> {
    const { exchange } = work
    const { waiting } = exchange
    this.#lifecycle.addVary(reply)
    // After its commit() the handler may have set caching headers.
    exchange.keepPrivate()
    if (waiting !== undefined && waiting.errors === exchange.errors) {
      if (payload !== waiting.payload) discard(payload)
      return never()
    }
    const outcome = this.#lifecycle.conclude(work, statusOf(payload, reply), request.method)
    if (outcome === undefined) return patchResponse(payload, exchange.sentCookie, this.#lifecycle.variesBy)
    const { errors } = exchange
    const run: Run = { payload, errors, saved: errors > 0 ? { statusCode: reply.statusCode, headers: reply.getHeaders() } : undefined }
    exchange.waiting = run
    guardStream(payload)
    return this.#wait(exchange, run, request, reply, outcome)
  }

  async #wait(exchange: Exchange, run: Run, request: Request, reply: Reply, outcome: Answer<Failure | undefined>): Promise<unknown> {
    const failure = await outcome
    if (isSuperseded(exchange, run)) return await drop(exchange, run)
    const finish = failure === undefined ? undefined : await this.#replace(request, reply, run.payload, failure)
    if (isSuperseded(exchange, run)) return await drop(exchange, run)
    exchange.waiting = undefined
    if (finish !== undefined) return finish()
    if (run.saved !== undefined) restore(exchange, reply, run.saved)
    return patchResponse(run.payload, exchange.sentCookie, this.#lifecycle.variesBy)
  }

  /** Puts an error reply in place of the one that was meant. */
  #replace(request: Request, reply: Reply, meant: unknown, failure: Failure): Promise<() => unknown> {
    request.log[failure.statusCode < 500 ? 'info' : 'error']({ err: failure }, 'the session could not be saved, so the reply was replaced')
    // By itself: as a method it would have this object as its `this`.
    const errorReply = this.#errorReply
    return replaceReply(reply, meant, failure, (error, stand) => errorReply(error, request, stand))
  }
}

function isSuperseded(exchange: Exchange, run: Run): boolean {
  return exchange.waiting !== run || exchange.errors > run.errors
}

/** Drops a run: another one sends the reply. */
function drop(exchange: Exchange, run: Run): Promise<never> {
  if (exchange.waiting === run) exchange.waiting = undefined
  if (exchange.waiting?.payload !== run.payload) discard(run.payload)
  return never()
}

function never(): Promise<never> {
  return new Promise(() => {})
}

/** The headers that the session itself sets. */
const OURS = new Set(['set-cookie', 'vary', 'cache-control', ...TO_SHARED_CACHES])

/** Undoes the changes that a dropped run made to the status and the headers. */
function restore(exchange: Exchange, reply: RestorableReply, { statusCode, headers }: SavedReply): void {
  for (const name of Object.keys(reply.getHeaders())) if (!OURS.has(name)) reply.removeHeader(name)
  for (const [name, value] of Object.entries(headers)) if (!OURS.has(name) && value !== undefined) reply.header(name, headerValue(value))
  reply.code(statusCode)
  exchange.keepPrivate()
}

function headerValue(value: number | string | string[]): string | string[] {
  return typeof value === 'number' ? String(value) : value
}
