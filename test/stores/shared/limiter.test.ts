import t from 'tap'
import { Limiter } from '../../../stores/shared/limiter.ts'
import { inChild } from '../../support/child.ts'

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
  const limiter = new Limiter(2)
  const works = Array.from({ length: 5 }, work)
  const begun: number[] = []
  const all = works.map(({ run }, i) =>
    limiter.run(() => {
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
  const limiter = new Limiter(1)
  await t.rejects(
    limiter.run(() => Promise.reject(new Error('driver')), undefined),
    { message: 'driver' },
  )
  t.equal(await limiter.run(async () => 7, undefined), 7)
})

t.test('a work that throws at once is an error of its call alone', async (t) => {
  const limiter = new Limiter(1)
  const broken = () => {
    throw new Error('at once')
  }
  await t.rejects(limiter.run(broken, undefined), { message: 'at once' })
  t.equal(await limiter.run(async () => 7, undefined), 7)
})

t.test('who waits longer than anybody waits for them leaves, and takes nobody’s turn', async (t) => {
  const limiter = new Limiter(1)
  const [first, last] = [work(), work()]
  const long = limiter.run(first.run, undefined)
  let done = 0
  const late = limiter.run(async () => done++, Date.now() + 20)
  const patient = limiter.run(last.run, Date.now() + 60_000)
  await t.rejects(late, { message: /before its turn came/ })
  first.end()
  await long
  last.end()
  await patient
  t.equal(done, 0)
  t.equal(await limiter.run(async () => 'free', undefined), 'free')
})

t.test('calls that have had their turn do not outlive the small collections', async (t) => {
  const left = await inChild(
    `
    const { Limiter } = await import('../../stores/shared/limiter.js')
    const limiter = new Limiter(1)
    const enter = (content) => limiter.enter({ start: () => void content })
    for (let i = 0; i < 50; i++) enter('')
    gc()
    gc()
    for (let i = 0; i < 20_000; i++) {
      enter('x'.repeat(50) + i)
      limiter.leave()
    }
    gc({ type: 'minor' })
    const before = process.memoryUsage().heapUsed
    gc()
    console.log(before - process.memoryUsage().heapUsed)
  `,
    ['--expose-gc'],
  )
  t.ok(Number(left) < 1_000_000, `20,000 calls left ${left.trim()} bytes`)
})
