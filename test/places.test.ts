import t from 'tap'
import { Places } from '../stores/shared/places.ts'

/** A work that goes on until it is told to end. */
function work() {
  let end = () => {}
  const until = new Promise<void>((resolve) => {
    end = resolve
  })
  return { end, run: () => until }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

t.test('as many works go on as there are places, and the others in the order in which they came', async (t) => {
  const places = new Places(2)
  const works = Array.from({ length: 5 }, work)
  const begun: number[] = []
  const all = works.map(({ run }, i) =>
    places.run(() => {
      begun.push(i)
      return run()
    }, undefined),
  )
  for (const [i, { end }] of works.entries()) {
    await turn()
    t.strictSame(begun, [0, 1, 2, 3, 4].slice(0, i + 2))
    end()
  }
  await Promise.all(all)
})

t.test('a place is free again after a work that failed', async (t) => {
  const places = new Places(1)
  await t.rejects(
    places.run(() => Promise.reject(new Error('driver')), undefined),
    { message: 'driver' },
  )
  t.equal(await places.run(async () => 7, undefined), 7)
})

t.test('who waits longer than anybody waits for him leaves, and takes nobody’s turn', async (t) => {
  const places = new Places(1)
  const [first, last] = [work(), work()]
  const long = places.run(first.run, undefined)
  let done = 0
  const late = places.run(async () => done++, Date.now() + 20)
  const patient = places.run(last.run, Date.now() + 60_000)
  await t.rejects(late, { message: /its turn had not come/ })
  first.end()
  await long
  last.end()
  await patient
  t.equal(done, 0)
  t.equal(await places.run(async () => 'free', undefined), 'free')
})
