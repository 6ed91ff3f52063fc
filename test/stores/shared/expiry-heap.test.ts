import t from 'tap'
import { type Expiring, ExpiryHeap } from '../../../stores/shared/expiry-heap.ts'
import { fc } from '../../support/fc.ts'
import { LIMIT } from '../../support/limit.ts'

t.setTimeout(LIMIT)

t.test('a heap gives what a sorted array gives, whatever is added, moved and taken out', async (t) => {
  const step = fc.record({ what: fc.constantFrom('add', 'add', 'move', 'remove', 'take'), which: fc.nat(), expiresAt: fc.nat(20) })
  const property = fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
    const heap = new ExpiryHeap<Expiring>()
    const items: Expiring[] = []
    for (const { what, which, expiresAt } of steps) {
      if (what === 'add') {
        const item = { expiresAt, index: 0 }
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
    index = 0
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
  const item = { expiresAt: 1, index: 0 }
  heap.add(item)
  heap.remove(item)
  t.equal(heap.first, undefined)
})
