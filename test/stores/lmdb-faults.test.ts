import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { LIMIT } from '../support/limit.ts'
import { disagreements, environmentAt, lmdbStore, placeFor } from '../support/lmdb.ts'
import { keysOf } from '../support/records.ts'

t.setTimeout(LIMIT)

const script = (name: string) => new URL(`../support/${name}.js`, import.meta.url).pathname

/** Without the hooks that the test runner puts into every process below it: they listen to the signal of a full disk. */
const bare = ['env', '-u', 'NODE_OPTIONS', process.execPath]

t.test('on a full disk a write fails and breaks nothing, and when there is room again it goes on', async (t) => {
  const path = placeFor(t)
  // In units of 512 bytes. A limit to the size of files is the nearest that needs no disk of its own.
  const shell = ['-c', 'ulimit -S -f 2000 && exec "$@"', 'sh', ...bare, script('lmdb-full-disk'), path]
  const { stdout } = await promisify(execFile)('sh', shell)
  const { codes, whole, count, ended, acknowledged } = JSON.parse(stdout)
  t.equal(codes.length, 13, 'three alone and ten in one commit')
  const [EIO, EFBIG] = [5, 27]
  t.strictSame(
    codes.filter((code: number) => code !== EFBIG && code !== EIO),
    [],
    'each error says why; it is EIO where a part did fit',
  )
  t.equal(whole, true, 'what was acknowledged before is there')
  t.equal(count, 50 + acknowledged.length - 1, 'and of what failed, nothing')
  t.equal(ended, 50)
  t.equal(acknowledged.at(-1), 'again')
  const store = lmdbStore(t, path)
  t.strictSame(await keysOf(store.all()), acknowledged.sort())
  await store.close()
  t.strictSame(disagreements(environmentAt(t, path)), [])
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
  const { stdout } = await promisify(execFile)(process.execPath, [script('lmdb-broken-disk'), path, which])
  return JSON.parse(stdout)
}
