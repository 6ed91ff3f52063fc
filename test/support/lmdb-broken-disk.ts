import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs'
import { LmdbStore } from '../../stores/lmdb.ts'

/**
 * Writes while the disk fails, and says what came of it. Linux only: one of the descriptors that LMDB has of its file is put to a device
 * that takes everything and cannot be flushed (`/dev/null`), or that is always full (`/dev/full`). Run with the path and which of the two
 * descriptors it is to be: `pages`, or `commits`, the one through which LMDB writes its page of roots.
 */
const [path = '', which = ''] = process.argv.slice(2)
// So few records that the file needs no new mapping, for which LMDB uses the descriptor too.
const store = new LmdbStore(path)
const outcomes: string[] = []

async function outcome(name: string, run: () => unknown): Promise<void> {
  try {
    const answer = await run()
    outcomes.push(`${name}: ${answer}`)
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException
    outcomes.push(`${name}: ${message.replace(/^.*: (MDB_\w+):.*/, '$1')} (${code})`)
  }
}

const create = (key: string) => store.create(key, { data: Buffer.from(key), expiresAt: Date.now() + 3_600_000, owner: 'ada' })
const find = (key: string) => store.find(key) !== undefined

const descriptors = readdirSync('/proc/self/fd')
  .filter((fd) => isData(fd))
  .map(Number)
  .sort((a, b) => a - b)
const [descriptor = -1, device = ''] = which === 'pages' ? [descriptors[0], '/dev/null'] : [descriptors[1], '/dev/full']

function isData(fd: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).endsWith('/data.mdb')
  } catch {
    return false
  }
}

/** The lowest free descriptor is the one that was just closed. */
function swap(to: string): void {
  closeSync(descriptor)
  if (openSync(to, 'r+') !== descriptor) throw new Error('another descriptor was free')
}

await outcome('create before', () => create('before'))
swap(device)
await outcome('create while it fails', () => create('lost'))
await outcome('two in one commit', async () => {
  const settled = await Promise.allSettled([create('lost1'), create('lost2')].map(async (answer) => answer))
  return settled.map(({ status }) => status).join()
})
await outcome('find before', () => find('before'))
await outcome('find lost', () => find('lost'))
swap(`${path}/data.mdb`)
await outcome('create afterwards', () => create('afterwards'))
await outcome('find afterwards', () => find('afterwards'))
console.log(JSON.stringify(outcomes))
process.exit()
