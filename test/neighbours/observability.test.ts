import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { cookieOf } from '../support/app.ts'
import { LIMIT } from '../support/limit.ts'
import { root } from '../support/readme.ts'
import { recipes } from '../support/recipes.ts'

t.setTimeout(LIMIT)

const load = recipes('recipes/audit-log', 'recipes/metrics', 'recipes/tracing')
const require = createRequire(join(root, 'test/neighbours/package.json'))

t.test('an audit log has each login and logout, with whose it was, and no token', async (t) => {
  const { app, entries } = await load<{ app: FastifyInstance; entries: object[] }>('audit-log.ts')
  const reply = await app.inject({ method: 'POST', url: '/login', payload: { user: 'ada' } })
  const token = cookieOf(reply) ?? ''
  await app.inject({ method: 'POST', url: '/logout', cookies: { session: token } })
  t.match(entries, [
    { at: /^\d{4}-/, event: 'created', owner: 'ada', id: /^[\w-]{22}$/ },
    { event: 'ended', reason: 'destroyed', owner: 'ada' },
  ])
  t.notOk(JSON.stringify(entries).includes(token))
  await app.close()
})

t.test('metrics count the lives of sessions, and time loads and saves', async (t) => {
  const { app } = await load<{ app: FastifyInstance }>('metrics.ts')
  const session = cookieOf(await app.inject({ method: 'POST', url: '/login' })) ?? ''
  await app.inject({ method: 'POST', url: '/login', cookies: { session } })
  await app.inject({ method: 'POST', url: '/login', cookies: { session } })
  const { body } = await app.inject('/metrics')
  t.match(body, 'sessions_total{event="created",reason=""} 2')
  t.match(body, 'sessions_total{event="renewed",reason=""} 1')
  t.match(body, 'session_step_seconds_count{step="load",result="stored"} 1')
  t.match(body, 'session_step_seconds_count{step="load",result="unknown"} 1')
  t.match(body, /session_step_seconds_count\{step="commit",result="create"\} 2/)
  await app.close()
})

interface Span {
  readonly name: string
  readonly attributes: Record<string, unknown>
}

interface Sdk {
  readonly InMemorySpanExporter: new () => { getFinishedSpans(): Span[] }
  readonly SimpleSpanProcessor: new (exporter: object) => object
  readonly NodeTracerProvider: new (options: object) => { register(): void; shutdown(): Promise<void> }
}

t.test('each load and each save is a span', async (t) => {
  const { InMemorySpanExporter, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-base') as Sdk
  const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node') as Sdk
  const exporter = new InMemorySpanExporter()
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  provider.register()
  const { app } = await load<{ app: FastifyInstance }>('tracing.ts')
  const session = cookieOf(await app.inject({ method: 'POST', url: '/login' })) ?? ''
  await app.inject({ url: '/me', cookies: { session } })
  await app.close()
  const spans = exporter.getFinishedSpans().map(({ name, attributes }) => [name, attributes['session.result']])
  t.strictSame(spans, [
    ['session load', 'none'],
    ['session commit', 'create'],
    ['session load', 'stored'],
  ])
  t.match(exporter.getFinishedSpans().at(-1)?.attributes['session.id'], /^[\w-]{22}$/)
  await provider.shutdown()
})
