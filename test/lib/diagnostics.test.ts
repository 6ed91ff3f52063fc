import t from 'tap'
import { type ChannelContext, committing, loading, traced } from '../../lib/diagnostics.ts'

t.test('a traced step publishes its start and its end, with what came of it, on its own channel', async (t) => {
  for (const [channel, name] of [
    [loading, 'load'],
    [committing, 'commit'],
  ] as const) {
    t.equal(channel.start.name, `tracing:scs:${name}:start`)
    t.notOk(channel.hasSubscribers, 'nobody listens at first')
    const events: string[] = []
    const handlers = Object.fromEntries(
      (['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const).map((event) => [
        event,
        (context: object) => events.push(`${event} ${(context as ChannelContext).result}`),
      ]),
    ) as unknown as Parameters<typeof channel.subscribe>[0]
    channel.subscribe(handlers)
    t.teardown(() => channel.unsubscribe(handlers))
    const context = { cookie: 'session', result: '' }
    const step = () => {
      context.result = 'stored'
      return 7
    }
    t.equal(await traced(channel, context, step), 7)
    t.strictSame(events.splice(0), ['start ', 'end stored', 'asyncStart stored', 'asyncEnd stored'])
    const failure = new Error('no')
    await t.rejects(
      traced(channel, context, () => {
        throw failure
      }),
      failure,
    )
    t.strictSame(events, ['start stored', 'end stored', 'error stored', 'asyncStart stored', 'asyncEnd stored'])
  }
})
