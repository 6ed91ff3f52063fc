import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { RedisStore } from '../../stores/redis.ts'
import { LIMIT } from '../support/limit.ts'

t.setTimeout(LIMIT)

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

t.test('a count holds no names: its memory does not grow with them', async (t) => {
  const [steps, size] = [1000, 500]
  const heaps: number[] = []
  let step = 0
  const client = {
    options: {},
    info: async () => '',
    evalshaBuffer: async () => null,
    evalBuffer: async () => null,
    scanBuffer: async () => {
      step++
      if (step % 100 === 0) {
        collect()
        heaps.push(process.memoryUsage().heapUsed)
      }
      const names = Array.from({ length: size }, (_, i) => Buffer.from(`scs:session:${String(step * size + i).padStart(43, '0')}`))
      return [Buffer.from(step === steps ? '0' : String(step)), names]
    },
  }
  t.equal(await new RedisStore(client as never).count(), steps * size)
  const [first = 0, last = 0] = [heaps[0], heaps.at(-1)]
  // 450,000 names would be some 40 MB.
  t.ok(last - first < 10_000_000, `the heap grew by ${last - first} bytes`)
})
