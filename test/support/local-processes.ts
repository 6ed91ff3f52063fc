import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { Test } from 'tap'
import type { LmdbStore } from '../../stores/lmdb.ts'
import type { SqliteStore } from '../../stores/sqlite.ts'
import { type LocalKind, localProcess, remoteStore } from './local.ts'
import { keysOf, record, textOf } from './records.ts'

/** A kind of store that keeps its sessions in a file. */
export interface LocalStores {
  readonly kind: LocalKind
  /** A path of the test's own. */
  path(t: Test): string
  open(t: Test, path: string): LmdbStore | SqliteStore
  /** What is wrong with the file, once no store has it open any more. */
  damage(t: Test, path: string): readonly unknown[]
}

/** What several processes that share a file may rely on. */
export function sharesFile(t: Test, { kind, path: pathFor, open, damage }: LocalStores): void {
  const later = Date.now() + 3_600_000

  /** A store, and one in another process on the same file. */
  function given(t: Test) {
    const path = pathFor(t)
    return { path, store: open(t, path), remote: remoteStore(t, kind, path) }
  }

  t.test('of 50 updates from each of four processes none is lost', async (t) => {
    const path = pathFor(t)
    const store = open(t, path)
    await store.create('counter', record('0', later))
    const children = Array.from({ length: 4 }, () => localProcess(t, 'local-counter', [kind, path, '50']))
    const retries = await Promise.all(
      children.map(async (child) => {
        const [output, [code]] = await Promise.all([child.stdout ? text(child.stdout) : '', once(child, 'exit')])
        t.equal(code, 0)
        return Number(output)
      }),
    )
    t.equal(Number.parseInt((await textOf(store, 'counter')) ?? '', 10), 200)
    t.comment(`${retries.join(', ')} updates had to be tried again`)
  })

  t.test('what one process was told is done, the next find in another sees', async (t) => {
    const { store, remote } = given(t)
    for (let round = 0; round < 300; round++) {
      t.equal(await remote.call('create', 'key', record(`${round}`, later)), true)
      t.equal(await textOf(store, 'key'), `${round}`)
      t.equal(await remote.call('delete', 'key'), true)
      t.equal(await textOf(store, 'key'), undefined)
    }
  })

  t.test('a session that one process ends, no other renews or changes', async (t) => {
    const { store, remote } = given(t)
    for (let round = 0; round < 100; round++) {
      const [old, next] = [`old${round}`, `new${round}`]
      await store.create(old, record('1', later, 'ada'))
      const renewed = remote.call('rename', old, next, Buffer.from('1'), record('2', later, 'ada'))
      const [ended, moved] = await Promise.all([store.delete(old), renewed])
      t.not(ended, moved, 'one of the two wins')
      t.equal(await textOf(store, old), undefined)
      t.equal((await textOf(store, next)) !== undefined, moved)
    }
  })

  t.test('an owner’s sessions end, those too that another process renews meanwhile', async (t) => {
    const { store, remote } = given(t)
    for (let round = 0; round < 50; round++) {
      const [old, next] = [`old${round}`, `new${round}`]
      await store.create(old, record('1', later, 'ada'))
      const renewed = remote.call('rename', old, next, Buffer.from('1'), record('2', later, 'ada'))
      t.equal(await store.deleteOwnedBy('ada'), 1)
      await renewed
      t.strictSame(await keysOf(store.all()), [])
    }
  })

  t.test('two processes that clean up at once remove each expired session once, and no living one', async (t) => {
    const { path, store, remote } = given(t)
    const dead = Array.from({ length: 3000 }, (_, index) => store.create(`dead${index}`, record('x', Date.now() + 1, 'ada')))
    const alive = Array.from({ length: 50 }, (_, index) => store.create(`alive${index}`, record('x', later, 'ada')))
    await Promise.all([...dead, ...alive])
    const clean = async (batch: () => PromiseLike<unknown> | unknown) => {
      let removed = 0
      for (;;) {
        const some = Number(await batch())
        removed += some
        if (some < 100) return removed
      }
    }
    const removed = await Promise.all([clean(() => store.deleteExpired(100)), clean(() => remote.call('deleteExpired', 100))])
    t.equal(removed[0] + removed[1], 3000)
    t.equal((await keysOf(store.all())).length, 50)
    t.equal(await store.count(), 50)
    await store.close()
    t.strictSame(damage(t, path), [])
  })
}
