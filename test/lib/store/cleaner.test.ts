import t, { type Test } from 'tap'
import { Cleaner } from '../../../lib/store/cleaner.ts'

interface Timer {
  readonly run: () => void
  readonly wait: number
  refs: boolean
  cleared: boolean
}

/** Timers that run when they are told to. */
function timers(t: Test): Timer[] {
  const set: Timer[] = []
  t.intercept(globalThis, 'setTimeout', {
    value: (run: () => void, wait: number) => {
      const timer = { run, wait, refs: true, cleared: false, unref: () => Object.assign(timer, { refs: false }) }
      set.push(timer)
      return timer
    },
  })
  t.intercept(globalThis, 'clearTimeout', { value: (timer: Timer | undefined) => timer && Object.assign(timer, { cleared: true }) })
  return set
}

function logger() {
  const lines: [object, string][] = []
  return { lines, info() {}, warn: (fields: object, message: string) => void lines.push([fields, message]) }
}

const turns = async () => {
  for (let i = 0; i < 10; i++) await new Promise(setImmediate)
}

t.test('the first run comes after an interval, give or take a quarter, and keeps no process alive', async (t) => {
  const set = timers(t)
  const runs: number[] = []
  for (let i = 0; i < 200; i++) new Cleaner((limit) => runs.push(limit), 1000, logger()).start()
  t.equal(set.length, 200)
  for (const { wait, refs } of set) t.ok(wait >= 750 && wait <= 1250 && !refs)
  t.ok(new Set(set.map(({ wait }) => wait)).size > 1, 'processes started together do not clean together')
  t.strictSame(runs, [])
})

t.test('an interval longer than a timer can be is cut, and does not run at once', async (t) => {
  const set = timers(t)
  new Cleaner(() => 0, 2 ** 40, logger()).start()
  t.equal(set[0]?.wait, 2 ** 31 - 1)
})

t.test('a run calls the clean-up until a batch is not full, one call at a time, then sets the next timer', async (t) => {
  const set = timers(t)
  const removed = [1000, 1000, 999]
  let atWork = 0
  const limits: number[] = []
  const clean = async (limit: number) => {
    t.equal(++atWork, 1)
    await new Promise(setImmediate)
    atWork--
    limits.push(limit)
    return removed.shift() ?? 0
  }
  new Cleaner(clean, 1000, logger()).start()
  set[0]?.run()
  t.equal(set.length, 1, 'there is no other timer while it works')
  await turns()
  t.strictSame(limits, [1000, 1000, 1000])
  t.equal(set.length, 2)
  set[1]?.run()
  await turns()
  t.equal(limits.length, 4)
  t.equal(set.length, 3)
})

t.test('a store says how large a batch is', async (t) => {
  const set = timers(t)
  const removed = [7, 6]
  const limits: number[] = []
  const clean = (limit: number) => {
    limits.push(limit)
    return removed.shift() ?? 0
  }
  new Cleaner(clean, 1000, logger(), 7).start()
  set[0]?.run()
  await turns()
  t.strictSame(limits, [7, 7])
})

t.test('a clean-up that fails, at once or later, is logged and tried again', async (t) => {
  const failure = new Error('driver')
  const fails: readonly (() => Promise<number>)[] = [
    () => {
      throw failure
    },
    () => Promise.reject(failure),
  ]
  const set = timers(t)
  for (const fail of fails) {
    const log = logger()
    new Cleaner(fail, 1000, log).start()
    const before = set.length
    set.at(-1)?.run()
    await turns()
    t.strictSame(log.lines, [[{ err: failure }, 'expired sessions could not be removed; the next clean-up tries again']])
    t.equal(set.length, before + 1)
  }
})

t.test('a cleaner that was stopped sets no timer and calls nothing more', async (t) => {
  const set = timers(t)
  let calls = 0
  const cleaner = new Cleaner(
    () => {
      if (++calls === 2) cleaner.stop()
      return 1000
    },
    1000,
    logger(),
  )
  cleaner.start()
  set[0]?.run()
  await turns()
  t.equal(calls, 2, 'a run that is under way ends with its batch')
  t.equal(set.length, 1)
  t.ok(set[0]?.cleared)
  set[0]?.run()
  await turns()
  t.equal(calls, 2)
  t.doesNotThrow(() => cleaner.stop(), 'it can be stopped again')
  t.doesNotThrow(() => new Cleaner(() => 0, 1000, logger()).stop(), 'and before it was started')
})
