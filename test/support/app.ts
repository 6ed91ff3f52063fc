import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance, type FastifyServerOptions, type LightMyRequestResponse } from 'fastify'
import type { Test } from 'tap'
import scsSession, { type ScsOptions } from '../../index.ts'

/** What an application logged. */
export interface LogLine {
  readonly level: number
  readonly msg: string
  readonly [field: string]: unknown
}

/** An application with the plugin, and the lines it logs. */
export interface TestApp {
  readonly app: FastifyInstance
  readonly lines: LogLine[]
  /** The lines of level warn and above. */
  readonly warnings: () => LogLine[]
}

export async function makeApp(
  options: ScsOptions = {},
  routes: (app: FastifyInstance) => void | Promise<void> = () => {},
  server: FastifyServerOptions = {},
  before: (app: FastifyInstance) => unknown = () => {},
): Promise<TestApp> {
  const lines: LogLine[] = []
  const stream = { write: (line: string) => void lines.push(JSON.parse(line)) }
  const app: FastifyInstance = Fastify({ ...server, logger: { level: 'trace', stream } })
  await before(app)
  await app.register(scsSession, options)
  await routes(app)
  return { app, lines, warnings: () => lines.filter((line) => line.level >= 40) }
}

/** The value of the session cookie that a reply sets; undefined for none, '' for one that is cleared. */
export function cookieOf(reply: LightMyRequestResponse, name = 'session'): string | undefined {
  return reply.cookies.find((cookie) => cookie.name === name)?.value
}

/** All Set-Cookie lines of a reply. */
export function setCookies(reply: LightMyRequestResponse): string[] {
  return [reply.headers['set-cookie'] ?? []].flat()
}

/** Starts a private server, closed with the test; gives its address. */
export async function listen(t: Test, app: FastifyInstance): Promise<string> {
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => app.close())
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
}

/** Collects, until the test ends, what would have ended a process that nobody watches. */
export function watchCrashes(t: Test): unknown[] {
  const crashes: unknown[] = []
  const note = (error: unknown) => void crashes.push(error)
  process.on('uncaughtException', note).on('unhandledRejection', note)
  t.teardown(() => process.off('uncaughtException', note).off('unhandledRejection', note))
  return crashes
}

/** Waits until what is under way has had time to happen, errors that nobody handles among it. */
export async function settled(turns = 10): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
}
