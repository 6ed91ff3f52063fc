import t from 'tap'
import { type ConformanceSubject, conformanceCases, storeConformance } from '../../../stores/conformance/index.ts'
import type { StoreContext, StoreLack, StoreRecord } from '../../../types/store.ts'
import { brokenStores } from '../../support/broken/index.ts'
import { Caching } from '../../support/broken/instances.ts'
import { LackingStore } from '../../support/lacking-store.ts'
import { LIMIT } from '../../support/limit.ts'
import { manualClock, type Records, ReferenceStore } from '../../support/reference-store.ts'
import { refusals, registered, withClock } from './runs.ts'

t.setTimeout(LIMIT)

const allLacks: readonly StoreLack[] = ['compare', 'owner', 'list']

t.test('the reference store keeps every promise', async (t) => {
  storeConformance({ test: (name, run) => t.test(name, (t) => t.resolves(run())), createStore: withClock(ReferenceStore) })
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

t.test('a store whose database cleans up may answer 0 to deleteExpired', async (t) => {
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

t.test('a store may refuse what its database cannot hold', async (t) => {
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

t.test('a store that remembers what it was reading is refused without a second instance too', async (t) => {
  const tests = registered(() => {
    const clock = manualClock()
    return { store: new Caching(clock), clock }
  })
  const failed = [...(await refusals(tests)).keys()]
  t.ok(failed.includes('what was being read when it was deleted is not found afterwards'))
  t.ok(failed.includes('what was being read when it was written is found as it was written'))
})

t.test('the name of a test is that of its case and what it shows of the database', async (t) => {
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

/** Stores that declare one thing and lack another. */
function withLacks(declared: readonly StoreLack[], lacking: readonly StoreLack[]): () => ConformanceSubject {
  return () => {
    const clock = manualClock()
    const records: Records = new Map()
    const store = () => new LackingStore(clock, declared, lacking, records)
    return { store: store(), clock, second: store }
  }
}
