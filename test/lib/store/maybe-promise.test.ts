import t from 'tap'
import { chain, isPromise, recover } from '../../../lib/store/maybe-promise.ts'

const error = new Error('no')
const fail = (): never => {
  throw error
}
/** An object with this as its then. */
const withThen = (then: unknown): object => Object.fromEntries([['then', then]])

t.test('only what has a then is yet to come', async (t) => {
  for (const later of [Promise.resolve(), withThen(() => {})]) t.ok(isPromise<unknown>(later))
  for (const now of [undefined, null, 0, '', true, {}, [], withThen(1), new Uint8Array()]) t.notOk(isPromise(now))
})

t.test('what is here already goes on at once', async (t) => {
  t.equal(
    chain(1, (value) => value + 1),
    2,
  )
  t.equal(
    recover(() => 1, fail),
    1,
  )
  t.equal(
    recover<unknown>(fail, (cause) => cause),
    error,
  )
  t.throws(() => chain(1, fail), error)
  t.throws(() => recover(fail, fail), error)
})

t.test('what is yet to come goes on when it is here', async (t) => {
  t.equal(await chain(Promise.resolve(1), (value) => value + 1), 2)
  t.equal(await chain(Promise.resolve(1), async (value) => value + 1), 2)
  t.equal(await recover(async () => 1, fail), 1)
  t.equal(
    await recover<unknown>(
      () => Promise.reject(error),
      async (cause) => cause,
    ),
    error,
  )
  await t.rejects(Promise.resolve(chain(Promise.reject(error), () => t.fail('there is no value'))), error)
  await t.rejects(Promise.resolve(recover(() => Promise.reject(error), fail)), error)
})
