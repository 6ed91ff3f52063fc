import t from 'tap'
import { Queues } from '../../lib/queues.ts'
import { latch, turns } from '../http/steps.ts'

const PATIENT = () => 60_000

/** Queues whose work notes what it was given, and waits where it is told to. Capital letters go alone. */
function noted() {
  const works: string[] = []
  const gates: (ReturnType<typeof latch> | undefined)[] = []
  const queue = new Queues<string, string, string>(
    async (items, handover) => {
      works.push(`${handover.left ?? ''}>${items.join('')}`)
      await gates.shift()?.opened
      if (items.includes('x')) throw new Error('it fails')
      handover.left = items.join('')
      return (item) => {
        if (item === 'r') throw new Error('refused')
        return `${item} of ${items.join('')}`
      }
    },
    (first, other) => `${first}${other}` === `${first}${other}`.toLowerCase(),
  )
  const hold = () => {
    const gate = latch()
    gates.push(gate)
    return gate
  }
  const take = async (item: string, patience = PATIENT, thing = 'it') => await queue.take(thing, item, patience)
  return { works, hold, take, queue }
}

t.test('what waits is done in the order in which it came, and together where it can be', async (t) => {
  const { works, hold, take } = noted()
  const first = hold()
  const all = ['a', 'b', 'c', 'D', 'E', 'f', 'g'].map((item) => take(item))
  await turns()
  first.open()
  t.strictSame(await Promise.all(all), ['a of a', 'b of bc', 'c of bc', 'D of D', 'E of E', 'f of fg', 'g of fg'])
  t.strictSame(works, ['>a', 'a>bc', 'bc>D', 'D>E', 'E>fg'])
  const longest = () => t.fail('nobody is there to wait for')
  t.equal(await take('h', longest as never), 'h of h')
  t.equal(works.at(-1), '>h', 'nobody left anything to one that came later')
})

t.test('other things do not wait', async (t) => {
  const { hold, take } = noted()
  const first = hold()
  const slow = take('a')
  t.equal(await take('b', PATIENT, 'another'), 'b of b')
  first.open()
  t.equal(await slow, 'a of a')
})

t.test('an error is that of all that were done together, and a refusal is its own', async (t) => {
  const { hold, take } = noted()
  const first = hold()
  const all = ['x', 'a', 'r', 'B', 'c', 'x', 'd'].map((item) => take(item))
  await turns()
  first.open()
  const outcomes = await Promise.allSettled(all)
  t.strictSame(
    outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : (outcome.reason as Error).message)),
    ['it fails', 'a of ar', 'refused', 'B of B', 'it fails', 'it fails', 'it fails'],
  )
})

t.test('whoever has waited long enough goes on alone, and leaves the queue', async (t) => {
  const { works, hold, take } = noted()
  const first = hold()
  const slow = take('a')
  const [later, late] = [take('c'), take('b', () => 1)]
  t.equal(await late, 'b of b')
  first.open()
  t.strictSame(await Promise.all([slow, later]), ['a of a', 'c of c'])
  t.strictSame(works, ['>a', '>b', 'a>c'])
})

t.test('what is done at once leaves no queue', (t) => {
  const queue = new Queues<number, number, number>(
    () => (item) => 2 * item,
    () => true,
  )
  t.equal(queue.take('it', 3, PATIENT), 6)
  t.equal(queue.take('it', 4, PATIENT), 8)
  t.end()
})
