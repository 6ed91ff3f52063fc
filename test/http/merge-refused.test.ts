import t from 'tap'
import { cookieOf } from '../support/app.ts'
import { holdIn, holdNext, startSite } from './steps.ts'

t.test('mergeSession ends the other session only after this one was saved', async (t) => {
  const site = await startSite()
  const token = await site.start({ a: 1 })
  const other = await site.start({ b: 2 })
  const update = holdNext(site.store, 'update')
  const slow = site.post(token, (session) => session.mergeSession(other))
  await update.reached
  t.strictSame(await site.stored(other), { b: 2 })
  update.release()
  await slow
  t.equal(await site.stored(other), undefined)

  const third = await site.start({ c: 3 })
  site.store.fail('update', 'before')
  t.equal((await site.post(token, (session) => session.mergeSession(third))).statusCode, 503)
  t.strictSame(await site.stored(third), { c: 3 }, 'a save that fails leaves it')
})

t.test('two requests that merge each other’s sessions end neither, for each was changed since it was merged', async (t) => {
  const site = await startSite()
  const one = await site.start({ a: 1 })
  const two = await site.start({ b: 2 })
  const ending = holdNext(site.store, 'delete')
  const { handler, held } = holdIn((session) => session.mergeSession(one))
  const second = site.post(two, handler)
  await held.reached
  const first = site.post(one, (session) => session.mergeSession(two))
  await ending.reached
  held.release()
  t.equal((await second).statusCode, 200)
  ending.release()
  t.equal((await first).statusCode, 200)
  t.strictSame(
    [await site.stored(one), await site.stored(two)],
    [
      { a: 1, b: 2 },
      { a: 1, b: 2 },
    ],
  )
})

t.test('mergeSession into a session that was ended meanwhile is superseded, and the other stays', async (t) => {
  const site = await startSite()
  const token = await site.start({ a: 1 })
  const other = await site.start({ b: 2 })
  const { handler, held } = holdIn((session) => session.mergeSession(other))
  const slow = site.post(token, handler)
  await held.reached
  await site.post(token, (session) => session.destroy())
  held.release()
  t.equal((await slow).statusCode, 409)
  t.strictSame(await site.stored(other), { b: 2 })
})

t.test('mergeSession into a session of which nothing was saved leaves the other one', async (t) => {
  const site = await startSite()
  const token = await site.start({ a: 1 })
  const other = await site.start({ b: 2 })
  const { handler, held } = holdIn(async (session) => {
    session.renewToken()
    await session.mergeSession(other)
    session.clear()
  })
  const slow = site.post(token, handler)
  await held.reached
  const renewed = cookieOf(await site.post(token, (session) => session.renewToken()))
  held.release()
  t.equal(cookieOf(await slow), undefined, 'the session was renewed meanwhile, and there is nothing to start one of its own with')
  t.strictSame([await site.stored(renewed ?? ''), await site.stored(other)], [{ a: 1 }, { b: 2 }])
})

t.test('mergeSession into a session whose new deadline passes before it is saved leaves the other one', async (t) => {
  const site = await startSite()
  const token = await site.start({ a: 1 })
  const other = await site.start({ b: 2 })
  const update = holdNext(site.store, 'update')
  const slow = site.post(token, async (session) => {
    await session.mergeSession(other)
    session.setDeadline(new Date(site.clock() + 1000))
  })
  await update.reached
  await site.post(token, (session) => session.put('c', 3))
  site.clock.advance(1000)
  update.release()
  t.equal(cookieOf(await slow), '')
  t.strictSame([await site.stored(token), await site.stored(other)], [undefined, { b: 2 }])
})

t.test('mergeSession rejects when the store cannot tell, and the session is as it was', async (t) => {
  const site = await startSite()
  const token = await site.start({ a: 1 })
  const other = await site.start({ b: 2 })
  const reply = await site.post(token, async (session) => {
    site.store.fail('find', 'before')
    await t.rejects(session.mergeSession(other), { code: 'FST_ERR_SCS_STORE', statusCode: 503 })
    t.equal(session.status, 'unmodified')
  })
  t.equal(reply.statusCode, 200)
  t.strictSame([await site.stored(token), await site.stored(other)], [{ a: 1 }, { b: 2 }])
})
