import type { ReplaceableReply } from '../../lib/http/reply.ts'

/** A reply as Fastify's is, without a server; it tells what may not be done to it while it is replaced. */
export class StubReply implements ReplaceableReply {
  readonly present: Map<string, string | string[]>
  readonly warnings: { err?: unknown }[] = []
  /** What was set past Fastify. */
  readonly beneath: Map<string, string>
  readonly raw = { removeHeader: (name: string) => void this.beneath.delete(name) }
  statusCode = 200
  readonly log = { warn: (fields: object) => void this.warnings.push(fields) }

  constructor(given: Record<string, string | string[]> = {}, beneath: Record<string, string> = {}) {
    this.present = new Map(Object.entries(given))
    this.beneath = new Map(Object.entries(beneath))
  }

  getHeaders(): Record<string, string | string[]> {
    return Object.fromEntries([...this.beneath, ...this.present])
  }

  getHeader(name: string): string | string[] | undefined {
    return this.present.get(name) ?? this.beneath.get(name)
  }

  removeHeader(name: string): void {
    this.present.delete(name)
  }

  header(name: string, value: string | string[]): this {
    this.present.set(name.toLowerCase(), value)
    return this
  }

  code(statusCode: number): this {
    this.statusCode = statusCode
    return this
  }

  status(_statusCode: number): this {
    throw new Error('Fastify has two names for one function')
  }

  type(_type: string): this {
    throw new Error('Fastify writes this header by itself')
  }

  send(_payload?: unknown): this {
    throw new Error('this would be another run of onSend')
  }

  then(_fulfilled: () => void): void {
    throw new Error('this would be to wait for ourselves')
  }
}
