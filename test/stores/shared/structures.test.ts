import fc from 'fast-check'
import t from 'tap'
import { type Expiring, ExpiryHeap } from '../../../stores/shared/expiry-heap.ts'
import { toBytes, toText } from '../../../stores/shared/latin1.ts'
import { OwnerIndex } from '../../../stores/shared/owner-index.ts'
import { RecencyMap } from '../../../stores/shared/recency-map.ts'
import { isTrace } from '../../../stores/shared/traces.ts'
import { LIMIT } from '../../support/limit.ts'

t.setTimeout(LIMIT)

t.test('a heap gives what a sorted array gives, whatever is added, moved and taken out', async (t) => {
  const step = fc.record({ what: fc.constantFrom('add', 'add', 'move', 'remove', 'take'), which: fc.nat(), expiresAt: fc.nat(20) })
  const property = fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
    const heap = new ExpiryHeap<Expiring>()
    const items: Expiring[] = []
    for (const { what, which, expiresAt } of steps) {
      if (what === 'add') {
        const item = { expiresAt, place: 0 }
        heap.add(item)
        items.push(item)
      }
      const item = what === 'take' ? heap.first : items[which % items.length]
      if (item === undefined) continue
      if (what === 'move') {
        item.expiresAt = expiresAt
        heap.moved(item)
      } else if (what !== 'add') {
        heap.remove(item)
        items.splice(items.indexOf(item), 1)
      }
      items.sort((a, b) => a.expiresAt - b.expiresAt)
      if (heap.first?.expiresAt !== items[0]?.expiresAt) throw new Error('the first is not the soonest')
    }
    for (const soonest of items) {
      const { first } = heap
      if (first === undefined || first.expiresAt !== soonest.expiresAt) throw new Error('the order is wrong')
      heap.remove(first)
    }
    if (heap.first !== undefined) throw new Error('something is left')
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 2000 }))
})

t.test('a heap of 100,000 looks at few of them to take one out', async (t) => {
  let looks = 0
  class Counted implements Expiring {
    place = 0
    readonly #moment: number
    constructor(moment: number) {
      this.#moment = moment
    }
    get expiresAt() {
      looks++
      return this.#moment
    }
    set expiresAt(_moment: number) {}
  }
  const heap = new ExpiryHeap<Counted>()
  for (let i = 0; i < 100_000; i++) heap.add(new Counted((i * 7919) % 100_003))
  looks = 0
  for (let i = 0; i < 1000; i++) if (heap.first !== undefined) heap.remove(heap.first)
  t.ok(looks > 0 && looks / 1000 < 5 * Math.log2(100_000), `${looks / 1000} looks each`)
})

t.test('taking the only item out of a heap leaves it empty', async (t) => {
  const heap = new ExpiryHeap<Expiring>()
  const item = { expiresAt: 1, place: 0 }
  heap.add(item)
  heap.remove(item)
  t.equal(heap.first, undefined)
})

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

/** Runs steps on a map and on its model; `add` compares what had to go. */
function replay(
  limit: number,
  steps: readonly { what: string; key: string }[],
  compare: (map: RecencyMap<Value>, model: ModelOfRecency) => void,
) {
  const map = new RecencyMap<Value>(limit)
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

t.test('a recency map lets go exactly the least recently used, up to 1023 entries', async (t) => {
  const property = fc.property(fc.integer({ min: 1, max: 30 }), fc.array(step, { maxLength: 120 }), (limit, steps) =>
    replay(limit, steps, (map, model) => {
      const keys = model.order.map((value) => value.key)
      if (map.size !== keys.length || [...map.keys()].join() !== keys.join()) throw new Error('another order')
    }),
  )
  t.doesNotThrow(() => fc.assert(property, { numRuns: 2000 }))

  const map = new RecencyMap<Value>(1023)
  for (let i = 0; i < 1023; i++) map.add(`key${i}`, { key: `key${i}` })
  map.use('key0', map.get('key0') ?? { key: '' })
  t.strictSame(map.add('new', { key: 'new' }), { key: 'key1' })
})

t.test('a recency map with many shards is a map', async (t) => {
  const property = fc.property(fc.array(step, { maxLength: 120 }), (steps) =>
    replay(100_000, steps, (map, model) => {
      const keys = model.order.map((value) => value.key)
      if (map.size !== keys.length || [...map.keys()].sort().join() !== keys.sort().join()) throw new Error('other keys')
    }),
  )
  t.doesNotThrow(() => fc.assert(property, { numRuns: 500 }))
})

t.test('a recency map with many shards never exceeds its limit, and never lets the newest go', async (t) => {
  const limit = 2048
  const map = new RecencyMap<Value>(limit)
  const living = new Set<string>()
  for (let i = 0; i < 20_000; i++) {
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
  const limit = 2048
  const map = new RecencyMap<Value>(limit)
  for (let i = 0; i < limit; i++) map.add(`same${i}same`, { key: `${i}` })
  const others = Array.from({ length: 50 }, (_, i) => `${i}`.repeat(4))
  for (const [i, key] of others.entries()) {
    const gone = map.add(key, { key })
    t.ok(gone !== undefined && gone.key !== key, `${gone?.key} went for number ${i}`)
  }
  t.equal(map.size, limit)
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

t.test('an index of owners holds the keys of each, and forgets owners without any', async (t) => {
  const index = new OwnerIndex()
  index.add('ada', 'a')
  index.add('ada', 'b')
  index.add('ada', 'b')
  index.add('bob', 'c')
  index.add(undefined, 'd')
  t.strictSame([index.of('ada'), index.of('bob'), index.of('eve')], [['a', 'b'], ['c'], []])
  index.remove('ada', 'a')
  index.remove('ada', 'none')
  index.remove('eve', 'a')
  index.remove(undefined, 'b')
  t.strictSame(index.of('ada'), ['b'])
  index.remove('ada', 'b')
  t.strictSame(index.of('ada'), [])
})

t.test('text holds any bytes, one character each', async (t) => {
  const property = fc.property(fc.uint8Array(), (data) => {
    const text = toText(data)
    return text.length === data.length && Buffer.compare(toBytes(text), data) === 0 && text === toText(Buffer.from(data))
  })
  t.doesNotThrow(() => fc.assert(property))
})

t.test('a trace is known by the first character of its key', async (t) => {
  t.strictSame([';a', ';', 'a;', '', 'a'].map(isTrace), [true, true, false, false, false])
})
