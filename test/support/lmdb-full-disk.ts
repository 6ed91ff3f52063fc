import { execFileSync } from 'node:child_process'
import { LmdbStore } from '../../stores/lmdb.ts'

/**
 * Writes sessions until the file may grow no further, then lets it grow again, ends some and writes again; says what came of it. The
 * process that runs it must have a soft limit to the size of files.
 */
const [path = ''] = process.argv.slice(2)
const store = new LmdbStore(path)
const text = (key: string) => key.padEnd(200, '.')
const record = (key: string) => ({ data: Buffer.from(text(key)), expiresAt: Date.now() + 3_600_000, owner: key })
const isWhole = (key: string) => String(store.find(key)?.data) === text(key)

const acknowledged: string[] = []
const codes: unknown[] = []

async function create(key: string): Promise<void> {
  try {
    if (await store.create(key, record(key))) acknowledged.push(key)
  } catch (error) {
    codes.push((error as NodeJS.ErrnoException).code)
  }
}

// One at a time, then ten in a commit: a process ends at the first rejection that nobody handles.
for (let index = 0; codes.length < 3; index++) await create(`one${index}`)
await Promise.all(Array.from({ length: 10 }, (_, index) => create(`ten${index}`)))
const failed = { codes, whole: acknowledged.every(isWhole), count: store.count() }
execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=unlimited'])
const ended = await Promise.all(acknowledged.splice(0, 50).map((key) => store.delete(key)))
await create('again')
await store.close()
console.log(JSON.stringify({ ...failed, ended: ended.filter(Boolean).length, acknowledged }))
