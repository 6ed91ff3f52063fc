import t from 'tap'
import { PoolConnections } from '../../stores/sql/connections.ts'
import { latch } from '../http/steps.ts'

t.test('a statement whose caller was told that it was not sent is not sent, even when the clock went back since', async (t) => {
  const lent = latch()
  const seen: string[] = []
  const connections = new PoolConnections(
    {
      acquire: () => lent.opened.then(() => 'connection'),
      release: () => void seen.push('released'),
      destroy: () => void seen.push('destroyed'),
      identity: () => lent,
      isHarmless: () => true,
    },
    1,
    undefined,
  )
  const send = async (name: string) => void seen.push(name)
  const now = Date.now()
  await t.rejects(
    connections.run(() => send('late'), now + 20),
    { message: /not sent/ },
  )
  t.intercept(Date, 'now', { value: () => now - 1000 })
  lent.open()
  await connections.run(() => send('next'), now + 10_000)
  t.strictSame(seen, ['released', 'next', 'released'])
})
