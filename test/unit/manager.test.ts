import t from 'tap'
import { SessionManager } from '../../index.ts'
import { SessionManager as Manager } from '../../lib/manager.ts'
import { fakeClock } from '../support/clock.ts'
import { SpyStore } from '../support/spy-store.ts'

t.test('a manager without options keeps its sessions in memory', async (t) => {
  const manager = new SessionManager()
  t.teardown(() => manager.close())
  const { token } = await manager.create({ user: 'ann' })
  t.equal((await manager.find(token))?.get('user'), 'ann')
  t.equal(await manager.count(), 1)
})

t.test('a manager with a clock and no store lets that clock decide when the sessions in memory end', async (t) => {
  const clock = fakeClock()
  const manager = new SessionManager({ clock, lifetime: '1m' })
  t.teardown(() => manager.close())
  await manager.create({ user: 'ann' })
  clock.advance(59_999)
  t.equal(await manager.count(), 1)
  clock.advance(1)
  t.equal(await manager.count(), 0)
})

t.test('a manager of nothing is refused as the plugin is', async (t) => {
  for (const options of [null, 5, 'text'] as never[]) {
    t.throws(() => new SessionManager(options), { code: 'FST_ERR_SCS_OPTION', message: /\(all\) must be an object/ })
  }
})

t.test('what is no manager has no engine', async (t) => {
  for (const other of [{}, [], Object.create(Manager.prototype)])
    t.throws(() => Manager.engineOf(other), { code: 'FST_ERR_SCS_ARGUMENT', message: /SessionManager/ })
})

t.test('a manager warns of each thing that its store cannot do, once, and of nothing else', async (t) => {
  const store = Object.assign(new SpyStore(), { lacks: ['compare', 'owner', 'list'] as const })
  const lines: [fields: unknown, text: unknown][] = []
  const log = { info() {}, warn: (...line: [unknown, unknown?]) => void lines.push([line[0], line[1]]) }
  new Manager({ store, log })
  new Manager({ store: new SpyStore(), log })
  t.match(lines, [
    [{ lack: 'compare' }, /cannot compare before it writes/],
    [{ lack: 'owner' }, /keeps no owners/],
    [{ lack: 'list' }, /cannot list/],
  ])
  t.equal(lines.length, 3)
})
