import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import {
  type ConformanceSubject,
  conformanceCases,
  type StoreConformanceOptions,
  storeConformance,
} from '../../../stores/conformance/index.ts'
import type { StoreContext, StoreLack, StoreRecord } from '../../../types/store.ts'
import { Caching } from '../../support/broken-instances.ts'
import { brokenStores } from '../../support/broken-stores.ts'
import { LackingStore } from '../../support/lacking-store.ts'
import { LateStore } from '../../support/late-store.ts'
import { LIMIT } from '../../support/limit.ts'
import { manualClock, type Records, ReferenceStore } from '../../support/reference-store.ts'

t.setTimeout(LIMIT)

type Options = Partial<Omit<StoreConformanceOptions, 'test'>>
type Tests = Map<string, () => Promise<void>>

const allLacks: readonly StoreLack[] = ['compare', 'owner', 'list']

/** The tests that the suite registers, not yet run, by the name of the case. */
function registered(createStore: () => ConformanceSubject, options: Options = {}): Tests {
  const tests: Tests = new Map()
  storeConformance({ createStore, ...options, test: (title, run) => tests.set(title.replace(/ \[[\w -]+\]$/, ''), run) })
  return tests
}

/** The names of the cases that refuse a store, each with what was said. */
async function refusals(tests: Tests): Promise<Map<string, Error>> {
  const failed = new Map<string, Error>()
  for (const [name, run] of tests) await run().catch((error: Error) => failed.set(name, error))
  return failed
}

function withClock(Store: (typeof brokenStores)[number][2]): () => ConformanceSubject {
  return () => {
    const clock = manualClock()
    const records: Records = new Map()
    return { store: new Store(clock, records), clock, second: () => new Store(clock, records) }
  }
}

t.test('the reference store keeps every promise', async (t) => {
  storeConformance({ test: (name, run) => t.test(name, (t) => t.resolves(run())), createStore: withClock(ReferenceStore) })
})

t.test('a store that answers late, without a clock, passes in real time', async (t) => {
  const tests = registered(() => ({ store: new LateStore() }), { shortLife: 200 })
  const failed = new Map<string, Error>()
  await Promise.all([...tests].map(([name, run]) => run().catch((error: Error) => failed.set(name, error))))
  t.strictSame([...failed.keys()], [])
})

t.test('a case that a slow machine made fail is repeated with a longer life, up to three times', async (t) => {
  const name = 'find gives a record until just before it expires'
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

t.test('each broken store is refused, by the case that names its promise', async (t) => {
  for (const [broken, fails, Store] of brokenStores) {
    const run = registered(withClock(Store)).get(fails)
    t.ok(run, `there is a case "${fails}"`)
    await t.rejects(async () => run?.(), Error, `${broken}: refused by "${fails}"`)
  }
})

t.test('each case has a broken store that it refuses', async (t) => {
  const refusing = new Set(brokenStores.map(([, fails]) => fails))
  const idle = conformanceCases().filter((one) => !refusing.has(one.name))
  t.strictSame(
    idle.map((one) => one.name),
    [],
  )
})

t.test('a refusal names the broken promise', async (t) => {
  class Overwriting extends ReferenceStore {
    override create(...[key, record]: Parameters<ReferenceStore['create']>) {
      return this.keep(key, record)
    }
  }
  const failed = await refusals(registered(withClock(Overwriting)))
  t.match(failed.get('create answers false on a living key and leaves its record alone'), {
    name: 'AssertionError',
    message: /^broken: create on a living key is false/,
  })
})

t.test('a store that says what it lacks passes the suite for such stores', async (t) => {
  for (const lacks of [...allLacks.map((lack) => [lack]), allLacks]) {
    const failed = await refusals(registered(withLacks(lacks, lacks), { lacks }))
    t.strictSame([...failed.keys()], [], `lacks ${lacks.join(', ')}`)
  }
})

t.test('a store that says that it lacks what it can do is refused', async (t) => {
  for (const lack of allLacks) {
    const failed = await refusals(registered(withLacks([lack], []), { lacks: [lack] }))
    const shown = conformanceCases([lack]).filter((one) => !conformanceCases().includes(one))
    t.strictSame(
      [...failed.keys()],
      shown.map((one) => one.name),
      `lacks ${lack}`,
    )
    t.ok(shown.length > 0)
  }
})

t.test('a store that does not say what it lacks is refused', async (t) => {
  for (const lack of allLacks) {
    const failed = await refusals(registered(withLacks([], [lack])))
    t.ok(failed.size > 0, `lacks ${lack}`)
  }
})

t.test('a store whose engine cleans up may answer 0 to deleteExpired', async (t) => {
  class SelfCleaning extends ReferenceStore {
    override readonly cleanupInterval = undefined as never
    override deleteExpired() {
      return 0
    }
  }
  t.strictSame([...(await refusals(registered(withClock(SelfCleaning)))).keys()], [])
})

t.test('a store may warn of something whenever it is attached', async (t) => {
  let attached = 0
  class Warning extends ReferenceStore {
    attach({ log }: StoreContext) {
      attached++
      log.warn({ attached }, 'it is no store for production')
    }
  }
  t.strictSame([...(await refusals(registered(withClock(Warning)))).keys()], [])
  t.ok(attached > conformanceCases().length, 'each case attaches it, and one does so again')
})

t.test('a store may refuse what its engine cannot hold', async (t) => {
  class Refusing extends ReferenceStore {
    readonly maxBytes = 65_535
    override create(...[key, record, until]: Parameters<ReferenceStore['create']>) {
      if (key.includes(' ') || record.owner?.includes('\0')) throw new RangeError('not here')
      check(record)
      return super.create(key, record, until)
    }
    override update(...args: Parameters<ReferenceStore['update']>) {
      check(args[2])
      return super.update(...args)
    }
    override rename(...args: Parameters<ReferenceStore['rename']>) {
      check(args[3])
      return super.rename(...args)
    }
    override touch(...args: Parameters<ReferenceStore['touch']>) {
      check({ expiresAt: args[2] })
      return super.touch(...args)
    }
  }
  const check = ({ data, expiresAt }: Partial<StoreRecord>) => {
    if (Number(data?.length) > 65_535 || Number(expiresAt) > Date.UTC(2038, 0, 18)) throw new RangeError('not here')
  }
  t.strictSame([...(await refusals(registered(withClock(Refusing)))).keys()], [])
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

t.test('a store that remembers what it was reading is refused without a second instance too', async (t) => {
  const tests = registered(() => {
    const clock = manualClock()
    return { store: new Caching(clock), clock }
  })
  const failed = [...(await refusals(tests)).keys()]
  t.ok(failed.includes('what was being read when it was deleted is not found afterwards'))
  t.ok(failed.includes('what was being read when it was written is found as it was written'))
})

t.test('the name of a test is that of its case and what it shows of the engine', async (t) => {
  const titles: string[] = []
  storeConformance({ createStore: withClock(ReferenceStore), test: (title) => titles.push(title) })
  t.strictSame(
    titles,
    conformanceCases().map(({ name, promise }) => `${name} [${promise}]`),
  )
  t.ok(titles.includes('of 50 updates from the same bytes at once, exactly one wins [atomic steps]'))
})

t.test('case names differ, and none has brackets of its own', async (t) => {
  const names = [...conformanceCases(), ...conformanceCases(allLacks).slice(-5)].map((one) => one.name)
  t.equal(new Set(names).size, names.length)
  t.notOk(names.some((name) => /[[\]]/.test(name)))
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

const until = (moment = 0) => sleep(Math.max(0, moment - Date.now()) + 1)

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

/** Stores that declare one thing and lack another. */
function withLacks(declared: readonly StoreLack[], lacking: readonly StoreLack[]): () => ConformanceSubject {
  return () => {
    const clock = manualClock()
    const records: Records = new Map()
    const store = () => new LackingStore(clock, declared, lacking, records)
    return { store: store(), clock, second: store }
  }
}
