import t from 'tap'
import { engineOf, startEngine } from '../support/faults/engines.ts'
import { sampleOn } from './sample.ts'

t.setTimeout(180_000)

t.test('the laws hold on MariaDB', async (t) => {
  t.setTimeout(180_000)
  const engine = engineOf('MariaDB')
  const { port } = await startEngine(t, engine, ['--innodb-flush-log-at-trx-commit=0', '--innodb-flush-method=nosync'])
  await sampleOn(t, await engine.connect(t, port))
})
