import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import type { LocalStores } from './local-processes.ts'
import { keysOf } from './records.ts'

const script = new URL('./local-full-disk.js', import.meta.url).pathname

/** Without the hooks that the test runner puts into every process below it: they listen to the signal of a full disk. */
const bare = ['env', '-u', 'NODE_OPTIONS', process.execPath]

/** On a full disk what was acknowledged stays, and with room again it goes on. Returns what the writes that failed said. */
export async function survivesFullDisk(t: Test, stores: LocalStores): Promise<readonly { code?: number; message: string }[]> {
  const path = stores.path(t)
  // In units of 512 bytes. A limit to the size of files is the nearest that needs no disk of its own.
  const shell = ['-c', 'ulimit -S -f 2000 && exec "$@"', 'sh', ...bare, script, stores.kind, path]
  const { stdout } = await promisify(execFile)('sh', shell)
  const { errors, whole, count, ended, acknowledged } = JSON.parse(stdout)
  t.equal(whole, true, 'what was acknowledged before is there')
  t.equal(count, 50 + acknowledged.length - 1, 'and of what failed, nothing')
  t.equal(ended, 50)
  t.equal(acknowledged.at(-1), 'again')
  const store = stores.open(t, path)
  t.strictSame(await keysOf(store.all()), acknowledged.sort())
  await store.close()
  t.strictSame(stores.damage(t, path), [])
  return errors
}
