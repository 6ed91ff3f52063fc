import t from 'tap'
import { RecencyMap } from '../../../stores/shared/recency-map.ts'
import { fc } from '../../support/fc.ts'

interface Value {
  readonly key: string
}

/** Up to its limit a list, the least recently used first. */
class ModelOfRecency {
  order: Value[] = []
  readonly limit: number

  constructor(limit: number) {
    this.limit = limit
  }

  get(key: string): Value | undefined {
    return this.order.find((value) => value.key === key)
  }

  add(value: Value): Value | undefined {
    this.order.push(value)
    return this.order.length > this.limit ? this.order.shift() : undefined
  }

  delete(key: string): void {
    this.order = this.order.filter((value) => value.key !== key)
  }

  use(value: Value): void {
    if (!this.order.includes(value)) return
    this.delete(value.key)
    this.order.push(value)
  }
}

const step = fc.record({ what: fc.constantFrom('add', 'add', 'use', 'delete', 'stray'), key: fc.nat(40).map((n) => `key${n}`) })

/** More than this, and a recency map consists of many. */
const FEW = 4096

/** Runs steps on a map and on its model; `add` compares what had to go. `others` entries are in the map besides. */
function replay(
  limit: number,
  steps: readonly { what: string; key: string }[],
  compare: (map: RecencyMap<Value>, model: ModelOfRecency) => void,
  others = 0,
) {
  const map = new RecencyMap<Value>(limit)
  for (let i = 0; i < others; i++) map.add(`other${i}`, { key: `other${i}` })
  const model = new ModelOfRecency(limit)
  for (const { what, key } of steps) {
    const value = model.get(key)
    if (map.get(key) !== value) throw new Error('another value')
    if (what === 'add' && value === undefined) {
      const added = { key }
      if (map.add(key, added) !== model.add(added)) throw new Error('another one had to go')
    } else if (what === 'use' && value !== undefined) {
      map.use(key, value)
      model.use(value)
    } else if (what === 'stray') map.use(`${key}?`, { key })
    else if (what === 'delete') {
      map.delete(key)
      model.delete(key)
    }
    compare(map, model)
  }
}

t.test('a recency map lets go exactly the least recently used, up to 4096 entries', async (t) => {
  const property = fc.property(fc.integer({ min: 1, max: 30 }), fc.array(step, { maxLength: 120 }), (limit, steps) =>
    replay(limit, steps, (map, model) => {
      const keys = model.order.map((value) => value.key)
      if (map.size !== keys.length || [...map.keys()].join() !== keys.join()) throw new Error('another order')
    }),
  )
  t.doesNotThrow(() => fc.assert(property, { numRuns: 2000 }))

  const map = new RecencyMap<Value>(FEW)
  for (let i = 0; i < FEW; i++) map.add(`key${i}`, { key: `key${i}` })
  map.use('key0', map.get('key0') ?? { key: '' })
  t.strictSame(map.add('new', { key: 'new' }), { key: 'key1' })
})

t.test('a recency map of one Map, of many, or on the way from one to many is a map', async (t) => {
  for (const others of [0, FEW - 5, FEW + 1]) {
    const property = fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const check = (map: RecencyMap<Value>, { order }: ModelOfRecency) => {
        if (map.size !== order.length + others) throw new Error('another size')
        if (order.some((value) => map.get(value.key) !== value)) throw new Error('another value')
      }
      replay(100_000, steps, check, others)
    })
    t.doesNotThrow(() => fc.assert(property, { numRuns: 200 }), `with ${others} others`)
  }
  const map = new RecencyMap<Value>(100_000)
  const keys = Array.from({ length: 2 * FEW }, (_, i) => `key${i}`)
  for (const key of keys) map.add(key, { key })
  t.strictSame(new Set(map.keys()), new Set(keys))
  t.equal([...map.keys()].length, keys.length)
})

t.test('a recency map with many shards never exceeds its limit, and never lets the newest go', async (t) => {
  const limit = 2 * FEW
  const map = new RecencyMap<Value>(limit)
  const living = new Set<string>()
  for (let i = 0; i < 80_000; i++) {
    const key = `${i}`.padStart(8, 'x')
    const gone = map.add(key, { key })
    living.add(key)
    if (gone !== undefined && (gone.key === key || !living.delete(gone.key))) t.fail(`${gone.key} had to go for ${key}`)
  }
  t.equal(map.size, limit)
  t.strictSame(new Set(map.keys()), living)
})

t.test('where the shard of a new key holds nothing else, another one gives way', async (t) => {
  // Keys whose ends are equal are in one shard.
  const limit = 2 * FEW
  const map = new RecencyMap<Value>(limit)
  for (let i = 0; i < limit; i++) map.add(`same${i}same`, { key: `${i}` })
  const others = Array.from({ length: 50 }, (_, i) => `${i}`.repeat(4))
  for (const [i, key] of others.entries()) {
    const gone = map.add(key, { key })
    t.ok(gone !== undefined && gone.key !== key, `${gone?.key} went for number ${i}`)
  }
  t.equal(map.size, limit)
})

t.test('a walk over the keys sees each once, though the one Map becomes many meanwhile', async (t) => {
  const map = new RecencyMap<Value>(100_000)
  const keys = Array.from({ length: FEW }, (_, i) => `key${i}`)
  for (const key of keys) map.add(key, { key })
  const walk = map.keys()
  const seen = [walk.next().value]
  for (let i = 0; i < 100; i++) map.add(`new${i}`, { key: `new${i}` })
  seen.push(...walk)
  t.strictSame(seen, keys)
})

t.test('the keys of a recency map are a portion each: the walk ends though all are used meanwhile', async (t) => {
  const map = new RecencyMap<Value>(100)
  for (let i = 0; i < 100; i++) map.add(`key${i}`, { key: `key${i}` })
  let seen = 0
  for (const key of map.keys()) {
    seen++
    map.use(key, map.get(key) ?? { key })
  }
  t.equal(seen, 100)
})
