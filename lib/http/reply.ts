import type { ErrorPayload, Failure } from '../../types/errors.ts'
import type { SessionLogger } from '../../types/options.ts'
import { type HeaderPort, mayStay } from './headers.ts'
import { discard, isBody } from './payload.ts'

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
