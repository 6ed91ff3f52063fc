import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { SessionManager } from '../../index.ts'
import { SessionManager as Manager } from '../../lib/manager.ts'
import { publicId } from '../../lib/token.ts'
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

t.test('a wrong argument is refused with the name of the method, and the store is not asked', async (t) => {
  const store = new SpyStore()
  const manager = new Manager({ store, owner: 'user' })
  const notSession = (except: unknown) => manager.destroyOwnedBy('ann', { except: except as never })
  const calls: readonly (readonly [code: string, message: RegExp, call: () => Promise<unknown>])[] = [
    ['FST_ERR_SCS_ARGUMENT', /^find\(token\) needs a token/, () => manager.find(7 as never)],
    ['FST_ERR_SCS_ARGUMENT', /^destroy\(id\) needs the id/, () => manager.destroy(7 as never)],
    ['FST_ERR_SCS_ARGUMENT', /^The owner must be/, () => manager.destroyOwnedBy({} as never)],
    ['FST_ERR_SCS_UNSUPPORTED', /^Finding sessions by owner needs/, () => new Manager({ store }).destroyOwnedBy('ann')],
    ...[{}, 5, 'x', null, () => {}].map(
      (except) => ['FST_ERR_SCS_ARGUMENT', /^destroyOwnedBy\(owner, .* needs a session/, () => notSession(except)] as const,
    ),
  ]
  for (const [code, message, call] of calls) await t.rejects(call(), { code, message })
  t.strictSame(store.take(), [])
})

t.test('a store is given the log of its manager, if it wants one', async (t) => {
  const log = { info() {}, warn() {} }
  const given: unknown[] = []
  const store = Object.assign(new SpyStore(), { attach: (context: unknown) => given.push(context) })
  new Manager({ store, log })
  t.strictSame(given, [{ log }])
  new Manager({ store: Object.assign(new SpyStore(), { attach: undefined }), log })
})

t.test('a session that find gave and commit() saves has its idle timeout anew', async (t) => {
  const clock = fakeClock()
  const manager = new SessionManager({ clock, idleTimeout: '20m' })
  t.teardown(() => manager.close())
  const { token } = await manager.create({ user: 'ann' })
  clock.advance(60_000)
  const session = await manager.find(token)
  session?.put('page', 1)
  await session?.commit()
  for await (const { expiresAt } of manager.all()) t.equal(expiresAt, clock() + 20 * 60_000)
})

t.test('a record of an owner that cannot be read has no owner who could end it by its id', async (t) => {
  const store = new SpyStore()
  const manager = new Manager({ store, owner: 'user' })
  store.inner.create('key', { data: Buffer.from('{'), expiresAt: Date.now() + 60_000, owner: 'ann' })
  t.equal(await manager.destroy(publicId('key'), { owner: 'ann' }), false)
  t.strictSame(store.take(), [])
  t.equal(await manager.destroy(publicId('key')), true)
})

t.test('a store that takes its time, within what it has, is waited for', async (t) => {
  const store = new SpyStore()
  store.gate = () => sleep(10)
  const manager = new SessionManager({ store, owner: 'user' })
  const { token } = await manager.create({ user: 'ann' })
  const session = await manager.find(token)
  session?.put('page', 1)
  t.equal(await session?.commit(), undefined)
  t.equal(await manager.count(), 1)
  await session?.destroy()
  await manager.create({ user: 'ann' })
  t.equal(await manager.destroyOwnedBy('ann'), 1)
  const { id } = await manager.create({ user: 'ann' })
  t.equal(await manager.destroy(id), true)
  await manager.close()
})
