import t from 'tap'
import { cookieOf } from '../support/app.ts'
import { holdIn, holdNext, startSite } from './steps.ts'

t.test('rule 3: of 2 to 50 requests at once on different keys none is lost, puts and removals alike', async (t) => {
  for (const n of [2, 3, 10, 50]) {
    const site = await startSite()
    const odd = Array.from({ length: n }, (_, i) => `k${i}`).filter((_, i) => i % 2 === 1)
    const token = await site.start(Object.fromEntries(odd.map((key) => [key, 'old'])))
    const replies = await Promise.all(
      Array.from({ length: n }, (_, i) => site.post(token, (session) => (i % 2 === 0 ? session.put(`k${i}`, i) : session.remove(`k${i}`)))),
    )
    t.ok(
      replies.every((reply) => reply.statusCode === 200),
      `${n} requests: all answered`,
    )
    t.ok(replies.every((reply) => cookieOf(reply) === undefined))
    const expected = Object.fromEntries(Array.from({ length: n }, (_, i): [string, number] => [`k${i}`, i]).filter(([, i]) => i % 2 === 0))
    t.strictSame((await site.get(token)).json(), expected, `${n} requests: all there`)
  }
})

t.test('rule 3: a counter kept with update is exact with 50 requests at once', async (t) => {
  const site = await startSite()
  const token = await site.start({ hits: 0 })
  const replies = await Promise.all(
    Array.from({ length: 50 }, () => site.post(token, (session) => session.update('hits', (hits) => Number(hits) + 1))),
  )
  t.ok(replies.every((reply) => reply.statusCode === 200))
  t.strictSame((await site.get(token)).json(), { hits: 50 })
})

t.test('rule 3: and so it is in several processes, which do not take turns', async (t) => {
  const first = await startSite()
  const sites = [
    first,
    await startSite({ store: first.store, clock: first.clock }),
    await startSite({ store: first.store, clock: first.clock }),
  ]
  const token = await first.start({ hits: 0 })
  const replies = await Promise.all(
    [...sites, ...sites].map((site) => site.post(token, (session) => session.update('hits', (hits) => Number(hits) + 1))),
  )
  t.ok(replies.every((reply) => reply.statusCode === 200))
  t.strictSame((await first.get(token)).json(), { hits: 6 })
})

t.test('rule 3: a counter is exact as well with an idle timeout, with an outcome that was unknown, and beside puts', async (t) => {
  const site = await startSite({ idleTimeout: '20m' })
  const token = await site.start({ hits: 0 })
  site.store.fail('update', 'after', 'before', 'after')
  const count = () => site.post(token, (session) => session.update('hits', (hits) => Number(hits) + 1))
  const replies = await Promise.all(
    Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? count() : site.post(token, (session) => session.put(`k${i}`, i)))),
  )
  const counted = replies.filter((reply, i) => i % 2 === 0 && reply.statusCode === 200).length
  t.equal((await site.get(token)).json().hits, counted, 'each count that was answered 200 is in')
})

t.test('rule 3: a cart kept with update has what both put into it', async (t) => {
  const site = await startSite()
  const token = await site.start({ cart: ['pen'] })
  const add = (what: string) => site.post(token, (session) => session.update('cart', (cart) => [...(cart as string[]), what]))
  await Promise.all([add('ink'), add('paper')])
  const { cart } = (await site.get(token)).json()
  t.strictSame([...cart].sort(), ['ink', 'paper', 'pen'])
})

t.test('rule 3: on one key the later commit wins, and the other key of the same request holds all the same', async (t) => {
  const site = await startSite()
  const token = await site.start({ theme: 'none' })
  const first = holdNext(site.store, 'update')
  const slow = site.post(token, (session) => {
    session.put('theme', 'slow')
    session.put('slow', true)
  })
  await first.reached
  t.equal((await site.post(token, (session) => session.put('theme', 'fast'))).statusCode, 200)
  first.release()
  t.equal((await slow).statusCode, 200)
  t.strictSame(await site.stored(token), { theme: 'slow', slow: true })
})

t.test('rule 3: what one request popped stays gone though another, which had loaded it, saves later', async (t) => {
  const site = await startSite()
  const token = await site.start({ flash: 'saved!', name: 'ann' })
  const { handler, held } = holdIn((session) => session.put('name', 'bob'))
  const slow = site.post(token, handler)
  await held.reached
  const popped = await site.post(token, (session) => ({ flash: session.pop('flash') }))
  t.strictSame(popped.json(), { flash: 'saved!' })
  held.release()
  t.equal((await slow).statusCode, 200)
  t.strictSame(await site.stored(token), { name: 'bob' })
})

t.test('rule 3: clear removes what another request added meanwhile, and what is put after clear stays', async (t) => {
  const site = await startSite()
  const token = await site.start({ a: 1 })
  const { handler, held } = holdIn((session) => {
    session.clear()
    session.put('b', 2)
  })
  const slow = site.post(token, handler)
  await held.reached
  await site.post(token, (session) => session.put('c', 3))
  held.release()
  t.equal((await slow).statusCode, 200)
  t.strictSame(await site.stored(token), { b: 2 })
})

t.test('rule 3: a function given to update that fails when it is run again answers 500 and saves nothing', async (t) => {
  const site = await startSite()
  const token = await site.start({ list: ['a'] })
  const { handler, held } = holdIn((session) => {
    session.update('list', (list) => [...(list as string[]), 'b'])
    session.put('other', 1)
  })
  const slow = site.post(token, handler)
  await held.reached
  await site.post(token, (session) => session.put('list', 7))
  held.release()
  const reply = await slow
  t.equal(reply.statusCode, 500)
  t.equal(reply.json().code, 'FST_ERR_SCS_EDIT')
  t.strictSame(await site.stored(token), { list: 7 })
})

t.test('rule 3: a store that never agrees is given up with 503 FST_ERR_SCS_CONFLICT when the budget ends', async (t) => {
  const site = await startSite({ storeTimeout: '5s' })
  const token = await site.start({ a: 1 })
  let tries = 0
  site.store.inner.update = () => {
    tries++
    site.clock.advance(2000)
    return false
  }
  const reply = await site.post(token, (session) => session.put('a', 2))
  t.equal(reply.statusCode, 503)
  t.equal(reply.json().code, 'FST_ERR_SCS_CONFLICT')
  t.equal(cookieOf(reply), undefined)
  t.equal(tries, 3, 'at 2, 4 and 6 seconds')
  const get = await site.get(token, (session) => session.put('a', 2))
  t.equal(get.statusCode, 503, 'a safe method is no exception: nothing ended')
})

t.test('a new session whose token exists already gets another one, and the other session stays as it is', async (t) => {
  const site = await startSite()
  const create = site.store.inner.create.bind(site.store.inner)
  let taken: string | undefined
  site.store.inner.create = async (key, record) => {
    if (taken === undefined) {
      taken = key
      await create(key, { ...record, data: Buffer.from('somebody else') })
    }
    return await create(key, record)
  }
  const reply = await site.post(undefined, (session) => session.put('a', 1))
  t.equal(reply.statusCode, 200)
  const token = cookieOf(reply) ?? ''
  t.strictSame(await site.stored(token), { a: 1 })
  const other = await site.store.inner.find(taken ?? '', { expiry: true })
  t.equal(Buffer.from(other?.data ?? []).toString(), 'somebody else')
})

t.test('a store that holds every new key is given up after three with 503 and no cookie', async (t) => {
  const site = await startSite()
  site.store.inner.create = () => false
  const reply = await site.post(undefined, (session) => session.put('a', 1))
  t.equal(reply.statusCode, 503)
  t.equal(reply.json().code, 'FST_ERR_SCS_STORE')
  t.equal(cookieOf(reply), undefined)
  t.strictSame(site.store.take(), ['create', 'create', 'create'])
})
