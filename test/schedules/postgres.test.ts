import t from 'tap'
import { engineOf, startEngine } from '../support/faults/engines.ts'
import { sampleOn } from './sample.ts'

t.setTimeout(180_000)

t.test('the laws hold on PostgreSQL', async (t) => {
  t.setTimeout(180_000)
  const engine = engineOf('PostgreSQL')
  const { port } = await startEngine(t, engine)
  await sampleOn(t, await engine.connect(t, port))
})
