import type { ErrorPayload, Failure } from '../../types/errors.ts'
import type { SessionLogger } from '../../types/options.ts'
import { cachingHeaders, type HeaderPort, mayStay } from './headers.ts'

/** A reply that can be turned into an error reply; Fastify's is one. */
export interface ReplaceableReply extends HeaderPort {
  readonly log: Pick<SessionLogger, 'warn'>
  readonly raw: { removeHeader(name: string): unknown }
  getHeaders(): Readonly<Record<string, number | string | string[] | undefined>>
  code(statusCode: number): unknown
}

/** Fastify's error shape. */
export function errorShape(error: Failure): ErrorPayload {
  const { statusCode, code, message } = error
  // Not imported: beside Fastify it is there already, and without it takes longer to load than all of this library.
  const { STATUS_CODES } = process.getBuiltinModule('node:http')
  return { statusCode, code, error: STATUS_CODES[statusCode] ?? 'Error', message }
}

/**
 * Turns a reply into an error reply. Returns a function that sets status and headers and returns the body, to be called right before the
 * reply is sent: while `errorReply` is awaited, the handler may go on and change the reply.
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

/** Removes the headers, trailers and status of the reply that was meant. */
function clear(reply: ReplaceableReply, failure: Failure): void {
  for (const name of Object.keys(reply.getHeaders()).filter((each) => !mayStay(each))) {
    reply.removeHeader(name)
    // Earlier releases of Fastify 5 do not remove what was set on `raw`.
    reply.raw.removeHeader(name)
  }
  clearTrailers(reply)
  reply.code(failure.statusCode)
  reply.header('cache-control', 'no-store')
}

/** Removes all trailers. Fastify can only remove one by its name; it keeps them, or null, under a symbol. */
function clearTrailers(reply: object): void {
  const key = Object.getOwnPropertySymbols(reply).find((symbol) => symbol.description === 'fastify.reply.trailers')
  if (key !== undefined) Reflect.set(reply, key, null)
}

type HeaderValue = string | string[]

/** What `errorReply` returned or sent, and what it set on the reply. */
interface Said {
  payload: unknown
  statusCode: number | undefined
  readonly headers: Map<string, HeaderValue>
}

const NOTHING_SAID: Said = { payload: undefined, statusCode: undefined, headers: new Map() }

/**
 * What `errorReply` returns or sends. It gets a stand-in for the reply: to send the real one would start another run of `onSend`, and to
 * await it, as `return reply.send()` does, would never end.
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
    // As Fastify's, which would take the status of the error for one that was chosen.
    redirect(url: string, statusCode = said.statusCode ?? 302) {
      methods.code(statusCode)
      methods.header('location', url)
      return methods.send()
    },
    // Fastify's reply has one, and the stand-in must have none.
    then: undefined,
  }
  const stand: Reply = Object.assign(Object.create(reply), methods)
  const answer = await ask(stand)
  return answer === stand || answer === undefined ? said : { ...said, payload: answer }
}

/** The body to send, and its content type when the payload determines it. */
function bodyOf(payload: unknown): readonly [body: string | Buffer, type?: string] {
  // Fastify sends a Buffer, and no other Uint8Array.
  if (payload instanceof Uint8Array) return [Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)]
  if (typeof payload === 'string') return [payload, 'text/plain; charset=utf-8']
  return [jsonOf(payload), 'application/json; charset=utf-8']
}

function finish(reply: ReplaceableReply, failure: Failure, said: Said, [body, type]: ReturnType<typeof bodyOf>): string | Buffer {
  clear(reply, failure)
  if (said.statusCode !== undefined) reply.code(said.statusCode)
  if (type !== undefined) reply.header('content-type', type)
  for (const [name, value] of said.headers) if (!mayStay(name)) reply.header(name, value)
  // Fastify sets the length of what it sends, except for HEAD.
  reply.removeHeader('content-length')
  return body
}

/** A payload as JSON. Throws for what is no data: an error would become `{}`, and a stream would show its internals. */
function jsonOf(payload: unknown): string {
  const isData = typeof payload === 'object' && payload !== null && !(payload instanceof Error) && !isBody(payload)
  const text = isData ? JSON.stringify(payload) : undefined
  if (text !== undefined) return text
  discard(payload)
  throw new TypeError('errorReply must return an object, a string or bytes', { cause: payload })
}

/** Whether Fastify treats a payload as a Response or a stream, of Node or of the web. */
function isBody(payload: object): boolean {
  return isResponse(payload) || ['pipe', 'getReader'].some((name) => typeof Reflect.get(payload, name) === 'function')
}

/** A payload that brings status and headers of its own. */
interface ResponseLike {
  readonly status: number
  readonly headers: Iterable<readonly [name: string, value: string]> & { readonly forEach?: unknown }
  readonly body: unknown
}

/** Whether Fastify treats a payload as a Response, whatever package it is from. */
export function isResponse(payload: unknown): payload is ResponseLike {
  return typeof payload === 'object' && Object.prototype.toString.call(payload) === '[object Response]'
}

/** The status that the client will see. For a Response whose status cannot be sent, that is 500. */
export function statusOf(payload: unknown, reply: { readonly statusCode: number }): number {
  if (!isResponse(payload) || typeof payload.status !== 'number') return reply.statusCode
  return payload.status >= 100 && payload.status <= 599 ? payload.status : 500
}

/**
 * After the hooks Fastify copies the headers of a Response to the reply, where they replace those that hooks set. So the caching headers and
 * the Vary of the session go into the Response. Undefined when the Response has none of these headers, and so replaces none.
 */
export function patchResponse(payload: unknown, setsCookie: boolean, variesBy: readonly string[] = ['Cookie']): object | undefined {
  if (!isResponse(payload)) return undefined
  // Fastify needs no more of them than this. They are copied, because those of a Response from fetch cannot be changed.
  if (typeof payload.headers?.forEach !== 'function') return undefined
  const headers = new Headers([...payload.headers].map(([name, value]) => [name, value]))
  const changes = cachingHeaders((name) => headers.get(name) ?? undefined, setsCookie, variesBy)
  if (changes.length === 0) return undefined
  for (const [name, value] of changes) headers.set(name, value)
  // No new Response: this realm's class may refuse the body of another package's.
  return new Proxy(payload, {
    get(target, name) {
      if (name === 'headers') return headers
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** Keeps a stream that fails before Fastify listens to it from ending the process. Fastify notices the failure when it sends the stream. */
export function guardStream(payload: unknown): void {
  const stream = isResponse(payload) ? payload.body : payload
  if (typeof stream === 'object' && stream !== null && 'on' in stream && typeof stream.on === 'function') stream.on('error', () => {})
}

/** The methods that close a body: a stream of Node, of the web, or anything else that Fastify treats as a stream. */
const CLOSERS = ['destroy', 'cancel', 'close', 'abort']

/** Closes a body that nobody will read, so that its source does not stay open. Errors of that are ignored. */
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
