import { once } from 'node:events'
import t from 'tap'
import { LmdbStore } from '../../stores/lmdb.ts'
import { survivesKills } from '../support/killed-writers.ts'
import { LIMIT } from '../support/limit.ts'
import { disagreements, environmentAt, lmdbStore, placeFor } from '../support/lmdb.ts'
import { localProcess } from '../support/local.ts'

t.setTimeout(LIMIT)

t.test('killed forty times in mid-write, it has every acknowledged session and no ended one', async (t) => {
  const path = placeFor(t)
  const store = lmdbStore(t, path)
  await survivesKills(t, 'lmdb', path, store)
  await store.close()
  t.strictSame(disagreements(environmentAt(t, path)), [], 'the indexes agree with the records')
})

t.test('what a process held that was killed in a read is free after a clean-up, so the file does not grow', async (t) => {
  const path = placeFor(t)
  const environment = environmentAt(t, path)
  const store = new LmdbStore(environment)
  await store.create('key', { data: Buffer.of(), expiresAt: Date.now() + 3_600_000 })
  const reader = localProcess(t, 'lmdb-reader', [path])
  const [, signal] = await once(reader, 'exit')
  t.equal(signal, 'SIGKILL')
  const isListed = () => environment.readerList().includes(String(reader.pid))
  t.equal(isListed(), true)
  await store.deleteExpired(1)
  t.equal(isListed(), false)
  await store.close()
})
