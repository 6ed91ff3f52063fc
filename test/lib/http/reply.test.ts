import { PassThrough, Readable } from 'node:stream'
import t from 'tap'
import { StoreError, SupersededError } from '../../../lib/errors.ts'
import { toFailure } from '../../../lib/failure.ts'
import { discard, guardStream } from '../../../lib/http/payload.ts'
import { errorShape, replaceReply } from '../../../lib/http/reply.ts'
import type { Failure } from '../../../types/errors.ts'
import { ForeignResponse } from '../../support/foreign-response.ts'
import { StubReply } from '../../support/stub-reply.ts'

const failure = toFailure(new StoreError({ cause: new Error('db.internal:6379') }))
const JSON_TYPE = 'application/json; charset=utf-8'
const TEXT_TYPE = 'text/plain; charset=utf-8'

type Say = (error: Failure, reply: StubReply) => unknown

/** An answer after something was said on the reply. */
const saying = <T>(_said: unknown, answer: T): T => answer

/** The body in the place of `meant`, and what the reply says then. */
async function replace(meant: unknown, say: Say = errorShape, reply = new StubReply()) {
  const body = (await replaceReply(reply, meant, failure, say))()
  const { statusCode: status, warnings } = reply
  return { body, text: String(body), status, type: reply.getHeader('content-type'), headers: reply.getHeaders(), warnings }
}

t.test('an error has Fastify’s shape, and nothing of its cause', async (t) => {
  const message = 'The session store failed. Try again.'
  t.strictSame(errorShape(failure), { statusCode: 503, code: 'FST_ERR_SCS_STORE', error: 'Service Unavailable', message })
  t.match(errorShape(toFailure(new SupersededError())), { statusCode: 409, error: 'Conflict' })
  t.match(errorShape(Object.assign(new Error('odd'), { code: 'ODD', statusCode: 799 })), { statusCode: 799, error: 'Error' })
})

t.test('nothing of the reply that was meant is left but headers that speak of no reply', async (t) => {
  const staying = { vary: 'Cookie', 'x-request-id': '1', 'access-control-allow-origin': '*', 'set-cookie': ['other=1'] }
  const meant = ['content-type', 'content-length', 'cache-control', 'refresh', 'x-anything'].map((name) => [name, 'meant'])
  const { headers, status, text } = await replace(
    'meant',
    errorShape,
    new StubReply({ ...Object.fromEntries(meant), ...staying }, { sourcemap: '/a.map' }),
  )
  t.equal(status, 503)
  t.strictSame(headers, { ...staying, 'cache-control': 'no-store', 'content-type': JSON_TYPE })
  t.strictSame(JSON.parse(text), errorShape(failure))
})

t.test('the trailers of the reply that was meant go, which Fastify keeps behind a symbol', async (t) => {
  const [trailers, other] = [Symbol('fastify.reply.trailers'), Symbol('other')]
  const reply = Object.assign(new StubReply(), { [other]: { 'x-not': 1 }, [trailers]: { 'x-sum': () => {} } as object | null })
  await replace('meant', errorShape, reply)
  t.strictSame([reply[trailers], reply[other]], [null, { 'x-not': 1 }])
})

t.test('an error reply is JSON, a string, or bytes as they are', async (t) => {
  const bytes = new Uint8Array([1])
  const table: readonly (readonly [said: unknown, body: unknown, type: string | undefined])[] = [
    [{ a: 1 }, '{"a":1}', JSON_TYPE],
    [[1], '[1]', JSON_TYPE],
    ['<p>sorry</p>', '<p>sorry</p>', TEXT_TYPE],
    ['', '', TEXT_TYPE],
    [bytes, Buffer.from([1]), undefined],
    [bytes.subarray(1), Buffer.from([]), undefined],
  ]
  for (const [said, body, type] of table) {
    for (const say of [() => said, async () => said]) {
      const seen = await replace('meant', say, new StubReply({ 'content-type': 'image/png' }))
      t.strictSame([seen.body, seen.type], [body, type])
    }
  }
})

t.test('an errorReply may say its status, its type and more, and send as a handler does', async (t) => {
  const page = (reply: StubReply) =>
    reply.header('content-type', 'text/html').header('content-length', '7').header('retry-after', '9').code(500)
  const says: readonly Say[] = [
    (_error, reply) => saying(page(reply), 'sorry'),
    (_error, reply) => saying(reply.type('text/html').header('Retry-After', '9').status(500), 'sorry'),
    async (_error, reply) => saying(page(reply), 'sorry'),
    (_error, reply) => page(reply).send('sorry'),
    async (_error, reply) => page(reply).send('sorry'),
    (_error, reply) => void page(reply).send('sorry'),
    (_error, reply) => saying(page(reply).send('sorry'), reply),
  ]
  for (const say of says) {
    const { body, status, headers } = await replace('meant', say)
    t.strictSame([body, status], ['sorry', 500])
    t.strictSame(headers, { 'content-type': 'text/html', 'retry-after': '9', 'cache-control': 'no-store' })
  }
  const error = await replace('meant', (error, reply) => reply.send(error))
  t.strictSame([JSON.parse(error.text), error.warnings], [errorShape(failure), []], 'the error itself is sent in its shape')
  const empty = await replace('meant', (_error, reply) => reply.code(302).header('location', '/sorry').send())
  t.match(empty, { body: '', status: 302, headers: { location: '/sorry' } })
})

t.test('what a handler changes while errorReply takes its time does not count', async (t) => {
  const reply = new StubReply()
  const replacing = replaceReply(reply, 'meant', failure, async (_error, stand) => {
    stand.header('vary', 'Cookie').header('x-more', '1')
    await new Promise(setImmediate)
    return 'sorry'
  })
  reply.code(200).header('location', '/there').header('content-type', 'text/html').header('x-request-id', '1')
  const finish = await replacing
  reply.header('etag', '1').header('content-length', '9')
  t.equal(finish(), 'sorry')
  t.equal(reply.statusCode, 503)
  const said = { vary: 'Cookie', 'x-more': '1', 'x-request-id': '1', 'content-type': TEXT_TYPE, 'cache-control': 'no-store' }
  t.strictSame(reply.getHeaders(), said)
})

t.test('an errorReply that fails to say anything leaves it to Fastify’s shape, and a line to the log', async (t) => {
  const cycle: { self?: unknown } = {}
  cycle.self = cycle
  const stream = Readable.from(['a'])
  const bodies = [stream, new ReadableStream(), new Response('a'), new ForeignResponse('a')]
  const bad = [undefined, null, 7, true, () => 1, cycle, { n: 1n }, { toJSON: () => undefined }, new Error('geheim'), ...bodies]
  const says: readonly Say[] = [
    () => {
      throw new Error('geheim')
    },
    () => Promise.reject(new Error('geheim')),
    (_error, reply) => reply,
    (_error, reply) => void reply.code(200).header('location', '/x').header('content-type', 'text/html'),
    ...bad.map((payload) => () => payload),
  ]
  for (const say of says) {
    const { text, status, headers, warnings } = await replace('meant', say)
    t.strictSame(JSON.parse(text), errorShape(failure))
    t.equal(status, 503)
    t.strictSame(headers, { 'cache-control': 'no-store', 'content-type': JSON_TYPE })
    t.equal(warnings.length, 1)
    t.ok(warnings[0]?.err instanceof Error)
  }
  t.ok(stream.destroyed)
})

t.test('a stream that nobody will read is destroyed, and its error harms nobody', async (t) => {
  for (const stream of [Readable.from(['a']), new PassThrough()]) {
    await replace(stream)
    t.ok(stream.destroyed)
  }
  const failing = () => new Readable({ read() {}, destroy: (_error, done) => done(new Error('source gone')) })
  for (const stream of [failing(), failing()]) {
    discard(stream.listenerCount('close') === 0 ? stream : new ForeignResponse(stream))
    await new Promise((resolve) => stream.once('close', resolve))
    t.ok(stream.destroyed)
  }
})

t.test('a stream that is guarded may fail before anybody listens, in a Response too', async (t) => {
  for (const wrap of [(stream: unknown) => stream, (stream: unknown) => new ForeignResponse(stream)]) {
    const stream = new PassThrough()
    guardStream(wrap(stream))
    stream.destroy(new Error('source gone'))
    await new Promise((resolve) => stream.once('close', resolve))
    t.match(stream.errored, { message: 'source gone' })
  }
  for (const other of [null, undefined, 'text', {}, { on: 1 }, new Response(null)]) t.doesNotThrow(() => guardStream(other))
})

t.test('any other body is closed in its own way, and what it says to that is of no interest', async (t) => {
  const closed: string[] = []
  const closes = (name: string) => ({ [name]: () => void closed.push(name) })
  const web = (name: string) => new ReadableStream({ cancel: () => void closed.push(name) })
  const bodies = [
    ...['destroy', 'cancel', 'close', 'abort'].map(closes),
    web('web'),
    new Response(web('response')),
    new ForeignResponse(web('foreign')),
  ]
  for (const body of bodies) discard(body)
  discard({ ...closes('destroy'), ...closes('close') })
  t.strictSame(closed, ['destroy', 'cancel', 'close', 'abort', 'web', 'response', 'foreign', 'destroy'])

  const locked = web('locked')
  locked.getReader()
  const throwing = {
    destroy() {
      throw new Error('cannot')
    },
  }
  const none = [new Response(null), 'text', Buffer.from('bytes'), undefined, null, 7, {}, { destroy: 1, cancel: 1 }]
  for (const body of [locked, throwing, ...none]) t.doesNotThrow(() => discard(body))
  await new Promise(setImmediate)
  t.notOk(closed.includes('locked'), 'one that somebody reads is left alone')
})
