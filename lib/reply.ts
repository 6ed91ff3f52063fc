import { STATUS_CODES } from 'node:http'
import type { Failure } from './failure.ts'
import type { HeaderPort } from './headers.ts'
import { privateCacheControl, TO_SHARED_CACHES, varyBy } from './headers.ts'

/** Headers that spoke of the reply that was meant. */
const OF_THE_REPLY = [
  'location',
  'etag',
  'last-modified',
  'cache-control',
  ...TO_SHARED_CACHES,
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
export async function replaceReply(
  reply: ReplaceableReply,
  meant: unknown,
  failure: Failure,
  errorReply: (error: Failure) => ErrorPayload | PromiseLike<ErrorPayload>,
): Promise<string | Uint8Array> {
  discard(meant)
  for (const name of OF_THE_REPLY) reply.removeHeader(name)
  reply.code(failure.statusCode)
  reply.header('cache-control', 'no-store')
  const payload = await payloadOf(failure, errorReply)
  // Fastify sends no other bytes than a Buffer's.
  if (payload instanceof Uint8Array) return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
  const isText = typeof payload === 'string'
  reply.header('content-type', isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8')
  return isText ? payload : JSON.stringify(payload)
}

/** What the application wants to say; when it fails to, Fastify's shape: no body at all would let the reply that was meant go out. */
async function payloadOf(
  failure: Failure,
  errorReply: (error: Failure) => ErrorPayload | PromiseLike<ErrorPayload>,
): Promise<ErrorPayload> {
  try {
    const payload: unknown = await errorReply(failure)
    if (typeof payload === 'string' || payload instanceof Uint8Array) return payload
    if (typeof payload === 'object' && payload !== null && JSON.stringify(payload) !== undefined) return payload
  } catch {
    // The failure itself is in the log; what went wrong while telling it must not hide it.
  }
  return errorShape(failure)
}

/** A stream that fails before Fastify listens to it must not end the process; Fastify sees that it failed when it sends it. */
export function guardStream(payload: unknown): void {
  if (typeof payload === 'object' && payload !== null && 'on' in payload && typeof payload.on === 'function') payload.on('error', () => {})
}

/** A body that nobody will read must not keep its source open. */
export function discard(meant: unknown): void {
  if (typeof meant !== 'object' || meant === null) return
  if (meant instanceof Response) {
    discard(meant.body)
    return
  }
  if ('destroy' in meant && typeof meant.destroy === 'function') {
    guardStream(meant)
    meant.destroy()
  } else if ('cancel' in meant && typeof meant.cancel === 'function') {
    Promise.resolve(meant.cancel()).catch(() => {})
  }
}

/**
 * Fastify puts the headers of a Response on the reply after the hooks, in the place of what these said: so what the session has to say of
 * caching goes into the Response. Undefined when the Response says nothing of it.
 */
export function statusOf(payload: unknown, reply: { statusCode: number }): number {
  return payload instanceof Response ? payload.status : reply.statusCode
}
export function patchResponse(payload: unknown, setsCookie: boolean): Response | undefined {
  if (!(payload instanceof Response)) return undefined
  const theirs = payload.headers.get('vary')
  const caching = payload.headers.get('cache-control')
  const vary = theirs === null ? undefined : varyBy(theirs)
  const control = setsCookie && caching !== null ? privateCacheControl(caching) : undefined
  const shared = setsCookie ? TO_SHARED_CACHES.filter((name) => payload.headers.has(name)) : []
  if (vary === undefined && control === undefined && shared.length === 0) return undefined
  // The headers of a Response that came from fetch cannot be changed.
  const headers = new Headers(payload.headers)
  if (vary !== undefined) headers.set('vary', vary)
  if (control !== undefined) headers.set('cache-control', control)
  for (const name of shared) headers.set(name, 'no-store')
  return new Response(payload.body, { status: payload.status, statusText: payload.statusText, headers })
}
