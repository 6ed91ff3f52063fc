import { STATUS_CODES } from 'node:http'
import type { ErrorPayload, Failure } from '../../types/errors.ts'
import type { SessionLogger } from '../../types/options.ts'
import { cachingHeaders, type HeaderPort, mayStay } from './headers.ts'

/** A reply that can be made another; Fastify's is one. */
export interface ReplaceableReply extends HeaderPort {
  readonly log: Pick<SessionLogger, 'warn'>
  readonly raw: { removeHeader(name: string): unknown }
  getHeaders(): Readonly<Record<string, number | string | string[] | undefined>>
  code(statusCode: number): unknown
}

/** Fastify's error shape. */
export function errorShape(error: Failure): ErrorPayload {
  const { statusCode, code, message } = error
  return { statusCode, code, error: STATUS_CODES[statusCode] ?? 'Error', message }
}

/**
 * Turns a reply into an error reply. Returns what makes it one, with the body to send, in one step: for while `errorReply` takes its time, a
 * handler may go on that knows nothing of this.
 */
export async function replaceReply<Reply extends ReplaceableReply>(
  reply: Reply,
  meant: unknown,
  failure: Failure,
  errorReply: (error: Failure, reply: Reply) => unknown,
): Promise<() => string | Buffer> {
  discard(meant)
  clear(reply, failure)
  try {
    const said = await answerOf(reply, (stand) => errorReply(failure, stand))
    // Fastify's own error handler sends the error as it is.
    const body = bodyOf(said.payload === failure ? errorShape(failure) : said.payload)
    return () => finish(reply, failure, said, body)
  } catch (err) {
    reply.log.warn({ err }, 'errorReply failed, so the error was sent in its default shape')
    return () => finish(reply, failure, NOTHING_SAID, bodyOf(errorShape(failure)))
  }
}

/** Takes back what the reply says of another one. */
function clear(reply: ReplaceableReply, failure: Failure): void {
  for (const name of Object.keys(reply.getHeaders()).filter((each) => !mayStay(each))) {
    reply.removeHeader(name)
    // Earlier releases of Fastify 5 leave there what was set there.
    reply.raw.removeHeader(name)
  }
  clearTrailers(reply)
  reply.code(failure.statusCode)
  reply.header('cache-control', 'no-store')
}

/** Fastify can only remove a trailer whose name one knows. It has them, or null, behind a symbol. */
function clearTrailers(reply: object): void {
  const key = Object.getOwnPropertySymbols(reply).find((symbol) => symbol.description === 'fastify.reply.trailers')
  if (key !== undefined) Reflect.set(reply, key, null)
}

type HeaderValue = string | string[]

/** What a function answered, and what it said on the reply. */
interface Said {
  payload: unknown
  statusCode: number | undefined
  readonly headers: Map<string, HeaderValue>
}

const NOTHING_SAID: Said = { payload: undefined, statusCode: undefined, headers: new Map() }

/**
 * What a function answers, whether it returns it or sends it, as a handler may. It gets a reply that stands for the real one: to send on that
 * would begin another run of `onSend`, and to wait for it, as `return reply.send()` does, would be to wait for ourselves.
 */
async function answerOf<Reply extends ReplaceableReply>(reply: Reply, ask: (stand: Reply) => unknown): Promise<Said> {
  const said: Said = { payload: undefined, statusCode: undefined, headers: new Map() }
  const methods = {
    code(statusCode: number) {
      reply.code(statusCode)
      said.statusCode = statusCode
      return stand
    },
    header(name: string, value: HeaderValue = '') {
      reply.header(name, value)
      said.headers.set(name.toLowerCase(), value)
      return stand
    },
    send(payload: unknown = '') {
      said.payload = payload
      return stand
    },
    status: (statusCode: number) => methods.code(statusCode),
    type: (type: string) => methods.header('content-type', type),
    // biome-ignore lint/suspicious/noThenProperty: Fastify's reply has one, and this shall have none.
    then: undefined,
  }
  const stand: Reply = Object.assign(Object.create(reply), methods)
  const answer = await ask(stand)
  return answer === stand || answer === undefined ? said : { ...said, payload: answer }
}

/** A body, and its type where it tells. */
function bodyOf(payload: unknown): readonly [body: string | Buffer, type?: string] {
  // Fastify sends no other bytes than a Buffer's.
  if (payload instanceof Uint8Array) return [Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)]
  if (typeof payload === 'string') return [payload, 'text/plain; charset=utf-8']
  return [jsonOf(payload), 'application/json; charset=utf-8']
}

function finish(reply: ReplaceableReply, failure: Failure, said: Said, [body, type]: ReturnType<typeof bodyOf>): string | Buffer {
  clear(reply, failure)
  if (said.statusCode !== undefined) reply.code(said.statusCode)
  if (type !== undefined) reply.header('content-type', type)
  for (const [name, value] of said.headers) if (!mayStay(name)) reply.header(name, value)
  // Fastify says the length of what it sends, but for a HEAD.
  reply.removeHeader('content-length')
  return body
}

/** Throws for what is no data: an error would be told as `{}`, a stream by what is in it. */
function jsonOf(payload: unknown): string {
  const isData = typeof payload === 'object' && payload !== null && !(payload instanceof Error) && !isBody(payload)
  const text = isData ? JSON.stringify(payload) : undefined
  if (text !== undefined) return text
  discard(payload)
  throw new TypeError('errorReply must return an object, a string or bytes', { cause: payload })
}

/** Whether Fastify takes a payload for a Response or a stream, of Node or of the web. */
function isBody(payload: object): boolean {
  return isResponse(payload) || ['pipe', 'getReader'].some((name) => typeof Reflect.get(payload, name) === 'function')
}

/** A payload that brings status and headers of its own. */
interface ResponseLike {
  readonly status: number
  readonly headers: Iterable<readonly [name: string, value: string]> & { readonly forEach?: unknown }
  readonly body: unknown
}

/** Whether Fastify takes a payload for a Response: that of any package is one. */
export function isResponse(payload: unknown): payload is ResponseLike {
  return typeof payload === 'object' && Object.prototype.toString.call(payload) === '[object Response]'
}

/** The status that the client will see. A Response whose status cannot be sent becomes an error of the server. */
export function statusOf(payload: unknown, reply: { readonly statusCode: number }): number {
  if (!isResponse(payload) || typeof payload.status !== 'number') return reply.statusCode
  return payload.status >= 100 && payload.status <= 599 ? payload.status : 500
}

/**
 * Fastify puts the headers of a Response on the reply after the hooks, in the place of what these said: so what the session has to say of
 * caching goes into the Response, with the headers of a request that the reply depends on. Undefined when the Response says nothing of it.
 */
export function patchResponse(payload: unknown, setsCookie: boolean, variesBy: readonly string[] = ['Cookie']): object | undefined {
  if (!isResponse(payload)) return undefined
  // Fastify asks no more of them; and those of a Response that came from fetch cannot be changed.
  if (typeof payload.headers?.forEach !== 'function') return undefined
  const headers = new Headers([...payload.headers].map(([name, value]) => [name, value]))
  const changes = cachingHeaders((name) => headers.get(name) ?? undefined, setsCookie, variesBy)
  if (changes.length === 0) return undefined
  for (const [name, value] of changes) headers.set(name, value)
  // Not a new Response: the body of another package's may be one that this realm's class does not take.
  return new Proxy(payload, {
    get(target, name) {
      if (name === 'headers') return headers
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** A stream that fails before Fastify listens to it must not end the process; Fastify sees that it failed when it sends it. */
export function guardStream(payload: unknown): void {
  const stream = isResponse(payload) ? payload.body : payload
  if (typeof stream === 'object' && stream !== null && 'on' in stream && typeof stream.on === 'function') stream.on('error', () => {})
}

/** How a body is closed: a stream of Node, of the web, and what Fastify takes for a stream besides. */
const CLOSERS = ['destroy', 'cancel', 'close', 'abort']

/** A body that nobody will read must not keep its source open. What that says to it is of no interest. */
export function discard(meant: unknown): void {
  guardStream(meant)
  close(isResponse(meant) ? meant.body : meant).catch(() => {})
}

async function close(body: unknown): Promise<void> {
  if (typeof body !== 'object' || body === null) return
  for (const name of CLOSERS) {
    const closer: unknown = Reflect.get(body, name)
    if (typeof closer === 'function') return closer.call(body)
  }
}
