import { PassThrough, Readable } from 'node:stream'
import t from 'tap'
import { isResponse, patchResponse, statusOf } from '../../../lib/http/payload.ts'
import { ForeignResponse } from '../../support/foreign-response.ts'

t.test('what Fastify takes for a Response is one, and its status is the one that the client will see', async (t) => {
  const reply = { statusCode: 201 }
  for (const [status, seen] of [
    [200, 200],
    [404, 404],
    [599, 599],
    [0, 500],
    [600, 500],
    [undefined, 201],
  ] as const) {
    const response = new ForeignResponse('body', { status })
    t.ok(isResponse(response))
    t.equal(statusOf(response, reply), seen)
  }
  t.equal(statusOf(new Response(null, { status: 503 }), reply), 503)
  t.equal(statusOf(Response.error(), reply), 500)
  for (const other of [null, undefined, 'text', {}, { status: 404 }, new PassThrough()]) {
    t.notOk(isResponse(other))
    t.equal(statusOf(other, reply), 201)
  }
})

t.test('a Response says of the cookie what the reply says', async (t) => {
  const table: readonly (readonly [Record<string, string>, boolean, Record<string, string> | undefined])[] = [
    [{ 'content-type': 'text/plain' }, true, undefined],
    [{ vary: 'Accept, cookie' }, false, undefined],
    [{ vary: 'Accept' }, false, { vary: 'Accept, Cookie' }],
    [{ 'cache-control': 'public, max-age=9' }, false, undefined],
    [{ vary: 'Accept', 'cache-control': 'public' }, true, { vary: 'Accept, Cookie', 'cache-control': 'private, no-cache="Set-Cookie"' }],
    [{ 'cdn-cache-control': 'max-age=9', 'x-more': '1' }, true, { 'cdn-cache-control': 'no-store', 'x-more': '1' }],
  ]
  for (const [headers, setsCookie, wanted] of table) {
    for (const response of [new Response(null, { headers }), new ForeignResponse(null, { headers })]) {
      const patched = patchResponse(response, setsCookie) as Response | undefined
      t.strictSame(patched && Object.fromEntries(patched.headers), wanted, JSON.stringify([headers, setsCookie]))
    }
  }
  for (const payload of [null, {}, 'text', Readable.from([])]) t.equal(patchResponse(payload, true), undefined)
  for (const raw of [undefined, null, {}]) t.equal(patchResponse(new ForeignResponse('', { raw }), true), undefined)
})

t.test('a patched Response is the given one in all else, which is not changed', async (t) => {
  const others: [string, string][] = [
    ['content-type', 'text/html'],
    ['set-cookie', 'a=1'],
    ['set-cookie', 'b=2'],
  ]
  const init = { status: 201, statusText: 'Made', headers: [...others, ['vary', 'Accept']] as [string, string][] }
  for (const given of [new Response('body', init), new ForeignResponse('body', init)]) {
    const patched = patchResponse(given, true) as Response
    t.ok(isResponse(patched))
    t.match(patched, { status: 201, statusText: 'Made', bodyUsed: false })
    t.equal(patched.body, given.body)
    t.strictSame([...patched.headers], [...others, ['vary', 'Accept, Cookie']])
    t.strictSame([...given.headers].at(-1), ['vary', 'Accept'])
    t.equal(await patched.text(), 'body')
    t.ok(patched.bodyUsed)
  }
})
