import t from 'tap'
import { MemoryStore } from '../../index.ts'
import { committing, loading, ownerIn, traced } from '../../lib/diagnostics.ts'
import { settle } from '../../lib/settings.ts'
import type { State } from '../../lib/state.ts'
import { hashToken, publicId } from '../../lib/token.ts'
import type { StepMessage } from '../../types/diagnostics.ts'

const store = new MemoryStore()
const settings = settle({ store, owner: 'user' })
const data = settings.codec.encode(Date.now() + 60_000, { user: 7 })
const NONE: State = { kind: 'none' }
const KEY = hashToken('x'.repeat(43))
const STORED: State = { kind: 'stored', token: 'x'.repeat(43), key: KEY, found: { data }, content: undefined }

t.test('a traced step publishes its start and its end, with what came of it, on its own channel', async (t) => {
  for (const [channel, name] of [
    [loading, 'load'],
    [committing, 'commit'],
  ] as const) {
    t.equal(channel.start.name, `tracing:scs:${name}:start`)
    t.notOk(channel.hasSubscribers, 'nobody listens at first')
    const events: string[] = []
    const messages = new Set<StepMessage>()
    const note = (event: string) => (message: object) => {
      const { result, id, owner } = message as StepMessage
      events.push(`${event} ${result} ${id} ${owner}`)
      messages.add(message as StepMessage)
    }
    const names = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const
    const handlers = Object.fromEntries(names.map((event) => [event, note(event)])) as unknown as Parameters<typeof channel.subscribe>[0]
    channel.subscribe(handlers)
    t.teardown(() => channel.unsubscribe(handlers))
    const work: { settings: typeof settings; state: State } = { settings, state: NONE }
    const result = () => work.state.kind
    const step = async () => {
      await Promise.resolve()
      work.state = STORED
      return 7
    }
    const about = `${publicId(KEY)} 7`
    t.equal(await traced(channel, work, result, step), 7)
    t.strictSame(events.splice(0), [
      'start none undefined undefined',
      'end none undefined undefined',
      `asyncStart stored ${about}`,
      `asyncEnd stored ${about}`,
    ])
    const failure = new Error('no')
    const fail = () => Promise.reject(failure)
    await t.rejects(traced(channel, work, result, fail), failure)
    t.strictSame(
      events,
      ['start', 'end', 'error', 'asyncStart', 'asyncEnd'].map((event) => `${event} stored ${about}`),
    )
    t.equal(messages.size, 2, 'one message a step')
    for (const { duration, cookie } of messages) t.ok(duration > 0 && cookie === 'session')
  }
})

t.test('an owner that cannot be read is not known, and nothing fails for it', async (t) => {
  t.equal(ownerIn(settings, data), '7')
  t.equal(ownerIn(settle({ store }), data), undefined, 'without the option')
  t.equal(ownerIn(settings, Buffer.from('junk')), undefined)
  const upgrade = () => {
    throw new Error('no')
  }
  const schema = { type: 'object', properties: { user: { type: 'string' } }, additionalProperties: false }
  t.equal(ownerIn(settle({ store, owner: 'user', schema, upgrade }), data), undefined)
})
