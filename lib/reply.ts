import { STATUS_CODES } from 'node:http'
import type { Failure } from './failure.ts'
import type { HeaderPort } from './headers.ts'
import { headerText, privateCacheControl, varyByCookie } from './headers.ts'

/** Headers that spoke of the reply that was meant. */
const OF_THE_REPLY = [
  'location',
  'etag',
  'last-modified',
  'cache-control',
  'expires',
  'age',
  'content-type',
  'content-length',
  'content-encoding',
  'content-disposition',
  'content-language',
  'content-location',
  'content-range',
  'accept-ranges',
  'transfer-encoding',
]

/** A reply whose status can be changed as well; Fastify's is one. */
export interface ReplaceableReply extends HeaderPort {
  code(statusCode: number): unknown
}

/** What an error reply says: JSON for an object, a text or bytes as they are. */
export type ErrorPayload = object | string

/** Fastify's error shape. */
export function errorShape(error: Failure): ErrorPayload {
  const { statusCode, code, message } = error
  return { statusCode, code, error: STATUS_CODES[statusCode] ?? 'Error', message }
}

/** Turns a reply into an error reply, and gives the body to send. */
export function replaceReply(
  reply: ReplaceableReply,
  meant: unknown,
  failure: Failure,
  errorReply: (error: Failure) => ErrorPayload,
): string | Uint8Array {
  discard(meant)
  for (const name of OF_THE_REPLY) reply.removeHeader(name)
  reply.code(failure.statusCode)
  reply.header('cache-control', 'no-store')
  const payload = errorReply(failure)
  if (payload instanceof Uint8Array) return payload
  const isText = typeof payload === 'string'
  reply.header('content-type', isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8')
  return isText ? payload : JSON.stringify(payload)
}

/** A body that nobody will read must not keep its source open. */
function discard(meant: unknown): void {
  if (typeof meant !== 'object' || meant === null) return
  if (meant instanceof Response) return discard(meant.body)
  if ('destroy' in meant && typeof meant.destroy === 'function') {
    if ('on' in meant && typeof meant.on === 'function') meant.on('error', () => {})
    meant.destroy()
  } else if ('cancel' in meant && typeof meant.cancel === 'function') {
    Promise.resolve(meant.cancel()).catch(() => {})
  }
}

/**
 * Fastify puts the headers of a Response on the reply after the hooks, in the place of what these said: so what the session has to say of
 * caching goes into the Response. Undefined when the Response says nothing of it.
 */
export function mendResponse(payload: unknown, setsCookie: boolean): Response | undefined {
  if (!(payload instanceof Response)) return undefined
  const vary = payload.headers.has('vary') ? varyByCookie(headerText(payload.headers.get('vary') ?? undefined)) : undefined
  const caching = setsCookie && payload.headers.has('cache-control')
  if (vary === undefined && !caching) return undefined
  // The headers of a Response that came from fetch cannot be changed.
  const headers = new Headers(payload.headers)
  if (vary !== undefined) headers.set('vary', vary)
  if (caching) headers.set('cache-control', privateCacheControl(payload.headers.get('cache-control') ?? undefined))
  return new Response(payload.body, { status: payload.status, statusText: payload.statusText, headers })
}
