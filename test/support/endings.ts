import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Marked } from './error-handlers.ts'
import { ForeignResponse } from './foreign-response.ts'

/** What a handler works with. `made` notes a stream, with what tells whether it is done with. */
type Handler = (request: FastifyRequest, reply: FastifyReply, made: (isDone: () => boolean) => void) => unknown

/** One way in which a handler ends: what it sends on its own account, and the statuses of the errors that come of it. */
export interface Ending {
  readonly name: string
  readonly handler: Handler
  readonly sends: readonly string[]
  readonly errors: readonly number[]
  readonly handlerTimeout?: number
  /** What it does to the session; to renew it when not said. */
  readonly does?: 'destroy' | 'put'
  /** The save is to last until the time is over. */
  readonly isSlow?: true
}

const PAGE = 'text/html'

/** The reply of the handler, which tells itself by its status. */
function page(reply: FastifyReply): true {
  reply.code(211).type(PAGE)
  return true
}

function sends(reply: FastifyReply, body: unknown): true {
  page(reply)
  reply.send(body)
  return true
}
const response = { status: 211, headers: { 'content-type': PAGE, vary: 'Accept' } }

function stream(made: (isDone: () => boolean) => void, ...chunks: (string | Error)[]): Readable {
  async function* content() {
    for (const chunk of chunks) {
      await turn()
      if (chunk instanceof Error) throw chunk
      yield chunk
    }
  }
  const readable = Readable.from(content())
  made(() => readable.destroyed)
  return readable
}

function webStream(made: (isDone: () => boolean) => void, ...chunks: string[]): ReadableStream {
  let isDone = false
  made(() => isDone)
  return new ReadableStream({
    async pull(controller) {
      await turn()
      const chunk = chunks.shift()
      if (chunk !== undefined) return controller.enqueue(new TextEncoder().encode(chunk))
      isDone = true
      controller.close()
    },
    cancel() {
      isDone = true
    },
  })
}

const untilAborted = (signal: AbortSignal) => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))

function throws(status: number): never {
  throw new Marked(status)
}

const SHORT = 20

export const ENDINGS: readonly Ending[] = [
  { name: 'returns', handler: async (_request, reply) => page(reply) && 'sent', sends: ['sent'], errors: [] },
  { name: 'sends and returns nothing', handler: async (_request, reply) => void sends(reply, 'sent'), sends: ['sent'], errors: [] },
  {
    name: 'sends and returns a value',
    handler: async (_request, reply) => sends(reply, 'sent') && 'returned',
    sends: ['sent', 'returned'],
    errors: [],
  },
  { name: 'throws', handler: async () => throws(501), sends: [], errors: [501] },
  { name: 'sends and throws', handler: async (_request, reply) => sends(reply, 'sent') && throws(501), sends: ['sent'], errors: [501] },
  {
    name: 'sends and throws later',
    async handler(_request, reply) {
      sends(reply, 'sent')
      await turn()
      throws(501)
    },
    sends: ['sent'],
    errors: [501],
  },
  {
    name: 'sends an error and throws another',
    handler: async (_request, reply) => sends(reply, new Marked(501)) && throws(502),
    sends: [],
    errors: [501, 502],
  },
  {
    name: 'takes too long',
    async handler(request, reply) {
      page(reply)
      await untilAborted(request.signal)
      return 'sent'
    },
    ...{ handlerTimeout: SHORT, sends: [], errors: [503] },
  },
  {
    name: 'takes too long and changes the reply all the same',
    async handler(request, reply) {
      await untilAborted(request.signal)
      await turn()
      reply.code(211)
      for (let i = 0; i < 50; i++) await turn()
      return 'sent'
    },
    ...{ handlerTimeout: SHORT, sends: [], errors: [503] },
  },
  {
    name: 'takes too long and throws',
    async handler(request) {
      await untilAborted(request.signal)
      throws(501)
    },
    ...{ handlerTimeout: SHORT, sends: [], errors: [501, 503] },
  },
  {
    name: 'takes too long to save',
    handler: async (_request, reply) => page(reply) && 'sent',
    ...{ handlerTimeout: SHORT, sends: ['sent'], errors: [503], isSlow: true },
  },
  {
    name: 'throws and takes too long to save',
    handler: async () => throws(501),
    ...{ handlerTimeout: SHORT, sends: [], errors: [501, 503], isSlow: true },
  },
  {
    name: 'returns a stream',
    handler: async (_request, reply, made) => page(reply) && stream(made, 'se', 'nt'),
    sends: ['sent'],
    errors: [],
  },
  {
    name: 'sends a stream and throws',
    handler: async (_request, reply, made) => sends(reply, stream(made, 'se', 'nt')) && throws(501),
    sends: ['sent'],
    errors: [501],
  },
  { name: 'sends a stream that fails', handler: (_request, _reply, made) => stream(made, new Marked(501)), sends: [], errors: [501] },
  { name: 'returns a Response', handler: async () => new Response('sent', response), sends: ['sent'], errors: [] },
  {
    name: 'returns a Response of another package',
    handler: async (_request, _reply, made) => new ForeignResponse(stream(made, 'se', 'nt'), response),
    sends: ['sent'],
    errors: [],
  },
  {
    name: 'sends a Response of another package and throws',
    handler: async (_request, reply, made) => sends(reply, new ForeignResponse(webStream(made, 'se', 'nt'), response)) && throws(501),
    sends: ['sent'],
    errors: [501],
  },
  {
    name: 'returns a web stream',
    handler: async (_request, reply, made) => page(reply) && webStream(made, 'se', 'nt'),
    sends: ['sent'],
    errors: [],
  },
  { name: 'changes data and throws', handler: async () => throws(501), sends: [], errors: [501], does: 'put' },
  { name: 'ends the session without waiting and throws', handler: async () => throws(501), sends: [], errors: [501], does: 'destroy' },
]
