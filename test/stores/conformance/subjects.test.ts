import t from 'tap'
import { conformanceCases, storeConformance } from '../../../stores/conformance/index.ts'
import { brokenStores } from '../../support/broken/index.ts'
import { LateStore } from '../../support/late-store.ts'
import { LIMIT } from '../../support/limit.ts'
import { manualClock, ReferenceStore } from '../../support/reference-store.ts'
import { refusals, registered, until, withClock } from './runs.ts'

t.setTimeout(LIMIT)

t.test('a store that answers late, without a clock, passes in real time', async (t) => {
  const tests = registered(() => ({ store: new LateStore() }), { shortLife: 200 })
  const failed = new Map<string, Error>()
  await Promise.all([...tests].map(([name, run]) => run().catch((error: Error) => failed.set(name, error))))
  t.strictSame([...failed.keys()], [])
})

t.test('a case that a slow machine made fail is repeated with a longer life, up to three times', async (t) => {
  const name = 'find returns a record until just before it expires'
  const tries = async (slowTries: number, shortLife: number, Store = SlowStore) => {
    let tried = 0
    const run = registered(() => ({ store: new Store(tried++ < slowTries) }), { shortLife }).get(name)
    const failure = await run?.().catch((error: Error) => error)
    return { tried, failure }
  }
  const once = await tries(1, 200)
  t.equal(once.failure, undefined)
  t.ok(once.tried > 1)
  t.match(await tries(9, 4), { tried: 4, failure: /a record lives until its moment: key is not found/ })
  // It is refused long before its minute is over.
  t.match(await tries(9, 60_000, ForgetfulStore), { tried: 1, failure: /create adds key to an empty store/ })
})

t.test('a case whose work was late and not its wait is repeated as well', async (t) => {
  let tried = 0
  class LateTouch extends ReferenceStore {
    readonly slow = tried++ < 1
    override async touch(...[key, previous, expiresAt]: Parameters<ReferenceStore['touch']>) {
      if (this.slow) await until(this.records.get(key)?.expiresAt)
      return super.touch(key, previous, expiresAt)
    }
  }
  const tests = registered(() => ({ store: new LateTouch() }), { shortLife: 50 })
  await tests.get('a record that was touched is listed and counted past its first expiry')?.()
  t.ok(tried > 1)
})

t.test('every case has a store of its own, which is closed once, whether the case passes or not', async (t) => {
  for (const Store of [ReferenceStore, brokenStores[0]?.[2] ?? ReferenceStore]) {
    const order: string[] = []
    const tests = registered(() => {
      const subject = withClock(Store)()
      return { ...subject, close: () => void order.push('closed') }
    })
    await refusals(tests)
    t.equal(order.length, conformanceCases().length)
  }
})

t.test('what a store’s close throws fails the case, and the subject is closed all the same', async (t) => {
  let closed = 0
  class Failing extends ReferenceStore {
    override close() {
      throw new Error('close failed')
    }
  }
  const tests = registered(() => ({ store: new Failing(), close: () => void closed++ }))
  const run = tests.get('create adds a record under a key that is free') ?? t.fail
  await t.rejects(async () => run(), { message: 'close failed' })
  t.equal(closed, 1)
})

t.test('a second instance is opened once for a case that needs it, attached, and closed before the store', async (t) => {
  const order: string[] = []
  class Noting extends ReferenceStore {
    attach() {
      order.push('attached')
    }
    override close() {
      order.push('closed')
    }
  }
  const tests = registered(() => ({
    store: new Noting(),
    second() {
      order.push('opened')
      return new Noting()
    },
    close: () => void order.push('freed'),
  }))
  await tests.get('create adds a record under a key that is free')?.()
  t.strictSame(order.splice(0), ['attached', 'closed', 'freed'])
  await tests
    .get('what one instance ends, another finds no more, though it has just read it')?.()
    .catch(() => {})
  t.strictSame(order.splice(0), ['attached', 'opened', 'attached', 'closed', 'closed', 'freed'])
})

t.test('a second instance that cannot be opened or closed fails the case, and everything else is closed', async (t) => {
  const order: string[] = []
  class Closing extends ReferenceStore {
    override close() {
      order.push('closed')
    }
  }
  class Failing extends ReferenceStore {
    override close() {
      throw new Error('close failed')
    }
  }
  const run = async (second: () => ReferenceStore, clock = manualClock()) => {
    const subject = () => ({ store: new Closing(clock), clock, second, close: () => void order.push('freed') })
    await registered(subject).get('closing one instance leaves another at work')?.()
  }
  const noSecond = () => {
    throw new Error('no second')
  }
  await t.rejects(run(noSecond), { message: 'no second' })
  t.strictSame(order.splice(0), ['closed', 'freed'])
  await t.rejects(
    run(() => new Failing()),
    { message: 'close failed' },
  )
  t.strictSame(order.splice(0), ['closed', 'freed'])
})

t.test('a wrong option throws a TypeError that names it', async (t) => {
  const test = () => undefined
  const createStore = withClock(ReferenceStore)
  t.throws(
    () => storeConformance({ test: 'test' as never, createStore }),
    new TypeError('storeConformance: the option test must be a function'),
  )
  t.throws(() => storeConformance({ test, createStore: {} as never }), { name: 'TypeError', message: /createStore/ })
  t.throws(() => storeConformance({ test, createStore, shortLife: 0.5 }), { name: 'TypeError', message: /shortLife/ })
  t.throws(() => storeConformance({ test, createStore, lacks: ['atomicity' as never] }), {
    name: 'TypeError',
    message: /lacks .*atomicity/,
  })
})

/** A store that answers to `create` when what it created has expired already, as on a machine that had other things to do. */
class SlowStore extends ReferenceStore {
  readonly #slow: boolean

  constructor(slow: boolean) {
    super()
    this.#slow = slow
  }

  override async create(...[key, record]: Parameters<ReferenceStore['create']>) {
    const created = await super.create(key, record)
    if (this.#slow) await until(record.expiresAt)
    return created
  }
}

/** A store that creates nothing. */
class ForgetfulStore extends SlowStore {
  override async create() {
    return false
  }
}
