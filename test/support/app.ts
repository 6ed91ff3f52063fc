import Fastify, { type FastifyInstance, type FastifyServerOptions, type LightMyRequestResponse } from 'fastify'
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
): Promise<TestApp> {
  const lines: LogLine[] = []
  const stream = { write: (line: string) => void lines.push(JSON.parse(line)) }
  const app: FastifyInstance = Fastify({ ...server, logger: { level: 'trace', stream } })
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
