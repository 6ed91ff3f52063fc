import { cachingHeaders } from './headers.ts'

/** Whether Fastify treats a payload as a Response or a stream, of Node or of the web. */
export function isBody(payload: object): boolean {
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
