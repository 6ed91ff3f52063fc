import { types } from 'node:util'
import type { SessionLogger } from '../types/options.ts'
import { CLIENT } from './data/history.ts'
import { type Content, withTypes } from './data/record.ts'
import { isObject } from './options/checks.ts'

/** How long strings may be that are kept of a client, the more the better: a header may have 16 KB, and the client chooses it. */
const LENGTHS = [256, 128, 64, 32, 16]
/** The most that is kept of a client, in characters of JSON. */
const MAX_SIZE = 1024

/** The option `client`, whatever request it is written for. */
export type DescribeClient = (request: never) => unknown

/** A unit of work, as far as its client is concerned. */
interface Visited {
  readonly settings: { readonly client: DescribeClient | undefined }
  readonly exchange: { readonly reply: { readonly request: object } | undefined }
  readonly log: SessionLogger
}

/** Notes the client in the content of a session that is new or renewed. What fails here is logged: nobody may be kept from a login by it. */
export function withClient({ settings, exchange, log }: Visited, content: Content, isNew = true): Content {
  const { client } = settings
  if (!isNew || client === undefined || exchange.reply === undefined) return content
  const { [CLIENT]: _, ...values } = content.values
  try {
    const details = describe(client(exchange.reply.request as never))
    return withTypes(content.deadline, { ...values, [CLIENT]: details }, content.types)
  } catch (err) {
    log.warn({ err }, 'the option client failed, so a session is kept without what it says')
    return withTypes(content.deadline, values, content.types)
  }
}

/** What is kept of an answer, as JSON. */
function describe(answer: unknown): string {
  if (!isObject(answer)) throw new TypeError('client(request) must return an object')
  if (types.isPromise(answer)) {
    // Nobody waits for it, so its rejection must not end the process.
    answer.then(undefined, () => {})
    throw new TypeError('client(request) must return an object at once, not a promise')
  }
  // Shorter strings, so that no long one makes the others disappear.
  const text = LENGTHS.map((length) => JSON.stringify(kept(answer, length))).find((json) => json.length <= MAX_SIZE)
  if (text === undefined) throw new RangeError(`client(request) returned more than ${MAX_SIZE} characters of JSON`)
  return text
}

function kept(answer: object, length: number): object {
  const entries = Object.entries(answer).flatMap(([name, value]) => {
    // Without the first half of a character that is cut in two.
    if (typeof value === 'string') return [[name, value.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')]]
    return typeof value === 'boolean' || Number.isFinite(value) ? [[name, value]] : []
  })
  return Object.fromEntries(entries)
}
