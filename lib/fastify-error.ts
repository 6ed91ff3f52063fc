import { format } from 'node:util'

interface FastifyError extends Error {
  readonly code: string
  readonly statusCode: number
}

export interface FastifyErrorConstructor<Parameters extends unknown[]> {
  new (...parameters: Parameters): FastifyError
  readonly prototype: FastifyError
}

/**
 * Makes the class of an error as `@fastify/error` does, with the marks by which that one's `FastifyError`, and another copy of this library, know it.
 * `@fastify/error` itself loads `node:http`, which takes several times as long as all of this library.
 */
export function createError<Parameters extends unknown[] = []>(
  code: string,
  message: string,
  statusCode: number,
  Base: ErrorConstructor = Error,
): FastifyErrorConstructor<Parameters> {
  const mark = Symbol.for(`fastify-error ${code}`)

  class FastifyError extends Base {
    readonly code = code
    override readonly name = 'FastifyError'
    readonly statusCode = statusCode

    constructor(...parameters: unknown[]) {
      const options = parameters.at(-1)
      const isOptions = typeof options === 'object' && options !== null && 'cause' in options
      super(format(message, ...(isOptions ? parameters.slice(0, -1) : parameters)), isOptions ? options : undefined)
      // In JSON, as that of Fastify's errors.
      Object.defineProperty(this, 'message', { enumerable: true })
    }

    override toString(): string {
      return `${this.name} [${code}]: ${this.message}`
    }

    static override [Symbol.hasInstance](value: unknown): boolean {
      return typeof value === 'object' && value !== null && mark in value
    }
  }

  const marks = { [mark]: true, [Symbol.for('fastify-error-generic')]: true, [Symbol.toStringTag]: 'Error', name: 'FastifyError' }
  for (const key of Reflect.ownKeys(marks)) Object.defineProperty(FastifyError.prototype, key, { value: Reflect.get(marks, key) })
  return FastifyError as unknown as FastifyErrorConstructor<Parameters>
}
