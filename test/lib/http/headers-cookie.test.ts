import t from 'tap'
import { cachingHeaders, privateCacheControl, putCookie, withdrawCookie } from '../../../lib/http/headers.ts'
import { headers, type Value } from './header-bag.ts'

const OURS = 'no-cache="Set-Cookie"'

t.test('Cache-Control lets no shared cache keep the cookie, and keeps the rest of what the route said', async (t) => {
  const table: readonly (readonly [string | undefined, string])[] = [
    [undefined, OURS],
    ['', OURS],
    [' , ,', OURS],
    ['no-store', `no-store, ${OURS}`],
    ['max-age=60', `max-age=60, ${OURS}`],
    ['private, max-age=60', `private, max-age=60, ${OURS}`],
    ['public', `private, ${OURS}`],
    ['PUBLIC', `private, ${OURS}`],
    ['public, max-age=60', `private, max-age=60, ${OURS}`],
    ['max-age=60, public', `private, max-age=60, ${OURS}`],
    ['max-age=60,public', `private, max-age=60, ${OURS}`],
    ['s-maxage=10', `private, ${OURS}`],
    ['S-MaxAge=10, max-age=5', `private, max-age=5, ${OURS}`],
    ['s-maxage = 10', `private, ${OURS}`],
    ['s-maxage', `private, ${OURS}`],
    ['s-maxage="10"', `private, ${OURS}`],
    ['public, s-maxage=10, private', `private, ${OURS}`],
    ['public, Private', `Private, ${OURS}`],
    ['s-maxages=1', `s-maxages=1, ${OURS}`],
    ['publicity, x-s-maxage=1', `publicity, x-s-maxage=1, ${OURS}`],
    ['no-cache="a, b"', `no-cache="a, b", ${OURS}`],
    ['no-cache="a, public", max-age=1', `no-cache="a, public", max-age=1, ${OURS}`],
    ['x="public, s-maxage=1", public', `private, x="public, s-maxage=1", ${OURS}`],
    [OURS, OURS],
    ['NO-CACHE="set-cookie", max-age=1', 'NO-CACHE="set-cookie", max-age=1'],
    [`public, ${OURS}`, `private, ${OURS}`],
  ]
  for (const [current, wanted] of table) {
    t.equal(privateCacheControl(current), wanted, JSON.stringify(current))
    t.equal(privateCacheControl(wanted), wanted, 'saying it twice changes nothing')
  }
  t.equal(privateCacheControl('x="open, public'), `x="open, public, ${OURS}`, 'a quote that is never closed is left alone')
})

t.test('our cookie is added to those of the route', async (t) => {
  const reply = headers({ 'set-cookie': 'other=1' })
  putCookie(reply, 'session=a', undefined)
  t.strictSame(reply.present.get('set-cookie'), ['other=1', 'session=a'])
  t.equal(reply.present.get('cache-control'), OURS)
})

t.test('our cookie takes the place of the one that we put there before, and of no other', async (t) => {
  const table: readonly (readonly [Value | undefined, Value])[] = [
    ['session=a', 'session=b'],
    [['session=a'], 'session=b'],
    [
      ['other=1', 'session=a', 'more=2'],
      ['other=1', 'more=2', 'session=b'],
    ],
    ['other=1', ['other=1', 'session=b']],
    [undefined, 'session=b'],
  ]
  for (const [present, wanted] of table) {
    const reply = headers(present === undefined ? {} : { 'set-cookie': present })
    putCookie(reply, 'session=b', 'session=a')
    t.strictSame(reply.present.get('set-cookie'), wanted, JSON.stringify(present))
  }
})

t.test('our cookie is taken off a reply, and those of others stay in their order', async (t) => {
  const table: readonly (readonly [Value | undefined, Value | undefined])[] = [
    ['session=a', undefined],
    [['session=a'], undefined],
    [
      ['other=1', 'session=a', 'more=2'],
      ['other=1', 'more=2'],
    ],
    ['other=1', ['other=1']],
    [undefined, undefined],
  ]
  for (const [present, wanted] of table) {
    const reply = headers(present === undefined ? {} : { 'set-cookie': present })
    withdrawCookie(reply, 'session=a')
    t.strictSame(reply.present.get('set-cookie'), wanted, JSON.stringify(present))
  }
})

t.test('a reply with our cookie loses what invited a shared cache', async (t) => {
  for (const current of ['public, max-age=9', ['public', 'max-age=9']]) {
    const reply = headers({ 'cache-control': current })
    putCookie(reply, 'session=a', undefined)
    t.equal(reply.present.get('cache-control'), `private, max-age=9, ${OURS}`)
  }
})

t.test('with our cookie a shared cache is told to keep nothing where it was told something of its own', async (t) => {
  const reply = headers({ 'cdn-cache-control': 'max-age=600', 'surrogate-control': 'max-age=600', 'x-cache-control': 'max-age=600' })
  putCookie(reply, 'session=a', undefined)
  t.equal(reply.present.get('cdn-cache-control'), 'no-store')
  t.equal(reply.present.get('surrogate-control'), 'no-store')
  t.equal(reply.present.get('x-cache-control'), 'max-age=600')
  t.notOk(reply.present.has('vercel-cdn-cache-control'), 'where it was told nothing it is told nothing')
})

t.test('what a reply says of caching is completed where it says something, and only there', async (t) => {
  const table: readonly (readonly [given: Record<string, string>, setsCookie: boolean, wanted: Record<string, string>])[] = [
    [{}, true, {}],
    [{ vary: 'Accept', 'cache-control': 'public', 'surrogate-control': 'x' }, false, { vary: 'Accept, Cookie' }],
    [{ vary: '*', 'cache-control': 'no-store' }, true, { 'cache-control': `no-store, ${OURS}` }],
    [{ vary: '', 'surrogate-control': 'x' }, true, { vary: 'Cookie', 'surrogate-control': 'no-store' }],
  ]
  for (const [given, setsCookie, wanted] of table)
    t.strictSame(
      Object.fromEntries(cachingHeaders((name) => given[name], setsCookie, ['Cookie'])),
      wanted,
      JSON.stringify([given, setsCookie]),
    )
})
