import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { survivesFullDisk } from '../support/full-disk.ts'
import { LIMIT } from '../support/limit.ts'
import { lmdbStore, lmdbStores, placeFor } from '../support/lmdb.ts'
import { keysOf } from '../support/records.ts'

t.setTimeout(LIMIT)

const script = new URL('../support/lmdb-broken-disk.js', import.meta.url).pathname

t.test('on a full disk a write fails and breaks nothing, and when there is room again it goes on', async (t) => {
  const errors = await survivesFullDisk(t, lmdbStores)
  t.equal(errors.length, 13, 'three alone and ten in one commit')
  const [EIO, EFBIG] = [5, 27]
  t.strictSame(
    errors.filter(({ code }) => code !== EFBIG && code !== EIO),
    [],
    'each error says why; it is EIO where a part did fit',
  )
})

t.test('when the disk cannot be flushed, a write fails and changes nothing', async (t) => {
  const path = placeFor(t)
  t.strictSame(await broken(path, 'pages'), [
    'create before: true',
    'create while it fails: Invalid argument (22)',
    'two in one commit: rejected,rejected',
    'find before: true',
    'find lost: false',
    'create afterwards: true',
    'find afterwards: true',
  ])
  t.strictSame(await keysOf(lmdbStore(t, path).all()), ['afterwards', 'before'])
})

t.test('when a commit itself cannot be written, LMDB gives up, every verb throws, and a restart has it all', async (t) => {
  const path = placeFor(t)
  t.strictSame(await broken(path, 'commits'), [
    'create before: true',
    'create while it fails: No space left on device (28)',
    'two in one commit: MDB_PANIC (22)',
    'find before: MDB_PANIC (22)',
    'find lost: MDB_PANIC (22)',
    'create afterwards: MDB_PANIC (22)',
    'find afterwards: MDB_PANIC (22)',
  ])
  t.strictSame(await keysOf(lmdbStore(t, path).all()), ['before'])
})

/** What came of writing on a disk that fails, in a process of its own. It must not end because of it. */
async function broken(path: string, which: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [script, path, which])
  return JSON.parse(stdout)
}
