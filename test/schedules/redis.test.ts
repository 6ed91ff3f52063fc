import t from 'tap'
import { engineOf, startEngine } from '../support/faults/engines.ts'
import { sampleOn } from './sample.ts'

t.setTimeout(180_000)

t.test('the laws hold on Redis', async (t) => {
  t.setTimeout(180_000)
  const engine = engineOf('Redis')
  const { port } = await startEngine(t, engine, ['--appendonly', 'no'])
  await sampleOn(t, await engine.connect(t, port))
})
