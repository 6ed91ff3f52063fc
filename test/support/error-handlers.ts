import type { FastifyReply, FastifyRequest } from 'fastify'

/** What a client sees of a reply: enough to tell from which run of `onSend` it is. */
export interface Seen {
  readonly status: number
  /** Of a reply with a body. */
  readonly type: string
  readonly body: string
  readonly location: string
}

/** An error that tells itself by its status. */
export class Marked extends Error {
  readonly statusCode: number

  constructor(statusCode: number) {
    super(mark(statusCode))
    this.statusCode = statusCode
  }
}

export const mark = (status: number): string => `error ${status}`

/** One way in which an application answers errors, and its reply to the error of a status. */
export interface ErrorHandler {
  readonly name: string
  /** Fastify's own when there is none. */
  readonly handler?: (error: unknown, request: FastifyRequest, reply: FastifyReply) => unknown
  readonly reply: (status: number) => Partial<Seen> & Pick<Seen, 'status'>
}

const JSON_TYPE = 'application/json'
const statusOf = (error: unknown) => (error as Marked).statusCode
const markOf = (error: unknown) => mark(statusOf(error))
const plain = (status: number) => ({ status, type: 'text/plain', body: mark(status) })

export const ERROR_HANDLERS: readonly ErrorHandler[] = [
  { name: 'Fastify’s own', reply: (status) => ({ status, type: JSON_TYPE, body: mark(status) }) },
  {
    name: 'one that sends',
    handler: (error, _request, reply) => void reply.code(statusOf(error)).send(markOf(error)),
    reply: plain,
  },
  {
    name: 'one that sends without a body',
    handler: (error, _request, reply) => void reply.code(statusOf(error)).send(),
    reply: (status) => ({ status }),
  },
  {
    name: 'one that redirects',
    handler: (error, _request, reply) => void reply.redirect(`/${statusOf(error)}`, statusOf(error) - 200),
    reply: (status) => ({ status: status - 200, location: `/${status}` }),
  },
  {
    name: 'an async one that returns',
    async handler(error, _request, reply) {
      reply.code(statusOf(error))
      return { sorry: markOf(error) }
    },
    reply: (status) => ({ status, type: JSON_TYPE, body: JSON.stringify({ sorry: mark(status) }) }),
  },
  {
    name: 'an async one that sends and returns nothing',
    handler: async (error, _request, reply) => void reply.code(statusOf(error)).send(markOf(error)),
    reply: plain,
  },
  {
    name: 'one that returns a Response',
    handler: (error) => new Response(markOf(error), { status: statusOf(error), headers: { 'content-type': 'text/x-error' } }),
    reply: (status) => ({ ...plain(status), type: 'text/x-error' }),
  },
  {
    name: 'one that throws',
    handler(error) {
      throw new Marked(statusOf(error) + 10)
    },
    reply: (status) => ({ status: status + 10, type: JSON_TYPE, body: mark(status + 10) }),
  },
]
