import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { LIMIT } from '../support/limit.ts'
import { disagreements, environmentAt, lmdbStore, placeFor } from '../support/lmdb.ts'
import { localProcess, remoteStore } from '../support/local.ts'
import { keysOf, record } from '../support/records.ts'

t.setTimeout(LIMIT)

const later = Date.now() + 3_600_000

t.test('of 50 updates from each of four processes none is lost', async (t) => {
  const path = placeFor(t)
  const store = lmdbStore(t, path)
  await store.create('counter', record('0', later))
  const children = Array.from({ length: 4 }, () => localProcess(t, 'local-counter', ['lmdb', path, '50']))
  const retries = await Promise.all(
    children.map(async (child) => {
      const [output, [code]] = await Promise.all([child.stdout ? text(child.stdout) : '', once(child, 'exit')])
      t.equal(code, 0)
      return Number(output)
    }),
  )
  t.equal(Number.parseInt(String(store.find('counter')?.data), 10), 200)
  t.comment(`${retries.join(', ')} updates had to be tried again`)
})

t.test('what one process was told is done, the next find in another sees', async (t) => {
  const path = placeFor(t)
  const store = lmdbStore(t, path)
  const remote = remoteStore(t, 'lmdb', path)
  for (let round = 0; round < 300; round++) {
    t.equal(await remote.call('create', 'key', record(`${round}`, later)), true)
    t.equal(String(store.find('key')?.data), `${round}`)
    t.equal(await remote.call('delete', 'key'), true)
    t.equal(store.find('key'), undefined)
  }
})

t.test('a session that one process ends, no other renews or changes', async (t) => {
  const path = placeFor(t)
  const store = lmdbStore(t, path)
  const remote = remoteStore(t, 'lmdb', path)
  for (let round = 0; round < 100; round++) {
    const [old, next] = [`old${round}`, `new${round}`]
    await store.create(old, record('1', later, 'ada'))
    const renewed = remote.call('rename', old, next, Buffer.from('1'), record('2', later, 'ada'))
    const [ended, moved] = await Promise.all([store.delete(old), renewed])
    t.not(ended, moved, 'one of the two wins')
    t.equal(store.find(old), undefined)
    t.equal(store.find(next) !== undefined, moved)
  }
})

t.test('two processes that clean up at once remove each expired session once, and no living one', async (t) => {
  const path = placeFor(t)
  const store = lmdbStore(t, path)
  const remote = remoteStore(t, 'lmdb', path)
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
  t.equal(store.count(), 50)
  await store.close()
  t.strictSame(disagreements(environmentAt(t, path)), [])
})
