import { PassThrough, Readable } from 'node:stream'
import t from 'tap'
import { StoreError, SupersededError } from '../../lib/errors.ts'
import { type Failure, failureOf } from '../../lib/failure.ts'
import { type ErrorPayload, errorShape, guardStream, patchResponse, replaceReply } from '../../lib/reply.ts'

const failure = failureOf(new StoreError({ cause: new Error('db.internal:6379') }))

function reply(given: Record<string, string | string[]> = {}) {
  const headers = new Map<string, string | string[]>(Object.entries(given))
  const port = {
    headers,
    statusCode: 200,
    getHeader: (name: string) => headers.get(name),
    header: (name: string, value: string | string[]) => headers.set(name, value),
    removeHeader: (name: string) => headers.delete(name),
    code(statusCode: number) {
      port.statusCode = statusCode
    },
  }
  return port
}

const replace = (meant: unknown, payload: (error: Failure) => ErrorPayload = errorShape, port = reply()) =>
  replaceReply(port, meant, failure, payload)

t.test('an error has Fastify’s shape, and nothing of its cause', async (t) => {
  const message = 'The session store failed. Try again.'
  t.strictSame(errorShape(failure), { statusCode: 503, code: 'FST_ERR_SCS_STORE', error: 'Service Unavailable', message })
  t.match(errorShape(failureOf(new SupersededError())), { statusCode: 409, error: 'Conflict' })
  t.match(errorShape(Object.assign(new Error('odd'), { code: 'ODD', statusCode: 799 })), { statusCode: 799, error: 'Error' })
})

t.test('nothing of the reply that was meant is left but headers that do not speak of it', async (t) => {
  const meant = [
    ...[
      'location',
      'etag',
      'last-modified',
      'expires',
      'age',
      'content-length',
      'content-encoding',
      'content-disposition',
      'content-language',
    ],
    ...['cdn-cache-control', 'surrogate-control', 'cloudflare-cdn-cache-control', 'vercel-cdn-cache-control', 'netlify-cdn-cache-control'],
    ...['content-location', 'content-range', 'accept-ranges', 'transfer-encoding', 'content-type', 'cache-control'],
  ]
  const port = reply({
    ...Object.fromEntries(meant.map((name) => [name, 'meant'])),
    vary: 'Cookie',
    'x-request-id': '1',
    'set-cookie': ['other=1'],
  })
  const body = replace('meant', errorShape, port)
  t.equal(port.statusCode, 503)
  t.strictSame(Object.fromEntries(port.headers), {
    ...{ vary: 'Cookie', 'x-request-id': '1', 'set-cookie': ['other=1'] },
    ...{ 'cache-control': 'no-store', 'content-type': 'application/json; charset=utf-8' },
  })
  t.strictSame(JSON.parse(String(body)), errorShape(failure))
})

t.test('an error reply is JSON, a text, or bytes as they are', async (t) => {
  const bytes = new Uint8Array([1])
  const table: readonly (readonly [ErrorPayload, unknown, string | undefined])[] = [
    [{ a: 1 }, '{"a":1}', 'application/json; charset=utf-8'],
    [[1], '[1]', 'application/json; charset=utf-8'],
    ['<p>sorry</p>', '<p>sorry</p>', 'text/plain; charset=utf-8'],
    ['', '', 'text/plain; charset=utf-8'],
    [bytes, Buffer.from([1]), undefined],
    [bytes.subarray(1), Buffer.from([]), undefined],
  ]
  for (const [payload, body, type] of table) {
    const port = reply({ 'content-type': 'image/png' })
    const seen: Failure[] = []
    const noting = (error: Failure) => {
      seen.push(error)
      return payload
    }
    t.strictSame(replace('meant', noting, port), body)
    t.equal(port.headers.get('content-type'), type)
    t.strictSame(seen, [failure])
  }
})

t.test('an application that cannot say the error leaves it to Fastify’s shape', async (t) => {
  const cycle: { self?: unknown } = {}
  cycle.self = cycle
  const failing: readonly (() => unknown)[] = [
    () => {
      throw new Error('geheim')
    },
    ...[undefined, null, 7, true, () => 1, cycle, { n: 1n }, { toJSON: () => undefined }].map((payload) => () => payload),
  ]
  for (const say of failing) {
    const port = reply()
    t.strictSame(JSON.parse(String(replace('meant', say as () => ErrorPayload, port))), errorShape(failure))
    t.equal(port.statusCode, 503)
    t.equal(port.headers.get('content-type'), 'application/json; charset=utf-8')
  }
})

t.test('a stream that nobody will read is destroyed, and its error harms nobody', async (t) => {
  for (const stream of [Readable.from(['a']), new PassThrough()]) {
    replace(stream)
    t.ok(stream.destroyed)
  }
  const failing = new Readable({ read() {}, destroy: (_error, done) => done(new Error('source gone')) })
  replace(failing)
  await new Promise((resolve) => failing.once('close', resolve))
  t.ok(failing.destroyed)
})

t.test('a stream that is guarded may fail before anybody listens', async (t) => {
  const stream = new PassThrough()
  guardStream(stream)
  stream.destroy(new Error('source gone'))
  await new Promise((resolve) => stream.once('close', resolve))
  t.match(stream.errored, { message: 'source gone' })
  for (const other of [null, undefined, 'text', {}, { on: 1 }]) t.doesNotThrow(() => guardStream(other))
})

t.test('a web stream or the body of a Response that nobody will read is cancelled', async (t) => {
  let cancelled = 0
  const source = () => new ReadableStream({ cancel: () => void cancelled++ })
  replace(source())
  replace(new Response(source()))
  t.equal(cancelled, 2)
  replace(new Response(null, { status: 204 }))
  const locked = source()
  locked.getReader()
  replace(locked)
  await new Promise(setImmediate)
  t.equal(cancelled, 2, 'one that somebody reads is left alone')
})

t.test('any other body is let go of', async (t) => {
  for (const meant of ['text', Buffer.from('bytes'), undefined, null, 7, {}, { destroy: 1, cancel: 1 }])
    t.doesNotThrow(() => replace(meant))
  let destroyed = 0
  replace({ destroy: () => void destroyed++ })
  t.equal(destroyed, 1, 'what can be destroyed is')
})

t.test('a Response says of the cookie what the reply says', async (t) => {
  const table: readonly (readonly [Record<string, string>, boolean, Record<string, string> | undefined])[] = [
    [{}, true, undefined],
    [{ 'content-type': 'text/plain' }, false, undefined],
    [{ vary: 'Accept' }, false, { vary: 'Accept, Cookie' }],
    [{ vary: 'Accept, cookie' }, false, undefined],
    [{ vary: '*' }, true, undefined],
    [{ 'cache-control': 'public, max-age=9' }, false, undefined],
    [{ 'cache-control': 'public, max-age=9' }, true, { 'cache-control': 'private, max-age=9, no-cache="Set-Cookie"' }],
    [{ vary: 'Cookie', 'cache-control': 'public' }, true, { vary: 'Cookie', 'cache-control': 'private, no-cache="Set-Cookie"' }],
    [{ vary: 'Accept', 'cache-control': 'public' }, true, { vary: 'Accept, Cookie', 'cache-control': 'private, no-cache="Set-Cookie"' }],
    [{ 'cdn-cache-control': 'max-age=9' }, true, { 'cdn-cache-control': 'no-store' }],
    [{ 'cdn-cache-control': 'max-age=9' }, false, undefined],
    [{ vary: 'Accept', 'cache-control': 'public' }, false, { vary: 'Accept, Cookie', 'cache-control': 'public' }],
  ]
  for (const [headers, setsCookie, wanted] of table) {
    const mended = patchResponse(new Response(null, { headers }), setsCookie)
    t.strictSame(mended && Object.fromEntries(mended.headers), wanted, JSON.stringify([headers, setsCookie]))
  }
  for (const payload of [null, {}, 'text', Readable.from([])]) t.equal(patchResponse(payload, true), undefined)
})

t.test('a mended Response keeps its status, its body and its other headers, and the given one is not changed', async (t) => {
  const given = new Response('body', {
    status: 201,
    statusText: 'Made',
    headers: { vary: 'Accept', 'x-more': '1', 'content-type': 'text/html' },
  })
  const mended = patchResponse(given, true)
  t.match(mended, { status: 201, statusText: 'Made' })
  t.strictSame(Object.fromEntries(mended?.headers ?? []), { vary: 'Accept, Cookie', 'x-more': '1', 'content-type': 'text/html' })
  t.equal(await mended?.text(), 'body')
  t.equal(given.headers.get('vary'), 'Accept')
})
