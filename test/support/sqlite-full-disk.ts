import { execFileSync } from 'node:child_process'
import { SqliteStore } from '../../stores/sqlite.ts'
import { textOf } from './sqlite.ts'

/**
 * Writes sessions until the files may grow no further, then lets them grow again, ends some and writes again; says what came of it. The
 * process that runs it must have a soft limit to the size of files.
 */
const [path = ''] = process.argv.slice(2)
const store = new SqliteStore(path)
const text = (key: string) => key.padEnd(200, '.')
const record = (key: string) => ({ data: Buffer.from(text(key)), expiresAt: Date.now() + 3_600_000, owner: key })

const acknowledged: string[] = []
const messages: string[] = []

async function create(key: string): Promise<void> {
  try {
    if (await store.create(key, record(key))) acknowledged.push(key)
  } catch (error) {
    messages.push((error as Error).message)
  }
}

/** Whether everything that was acknowledged is there. */
async function isWhole(): Promise<boolean> {
  const texts = await Promise.all(acknowledged.map((key) => textOf(store, key)))
  return acknowledged.every((key, index) => texts[index] === text(key))
}

// One at a time, then ten in a transaction.
for (let index = 0; messages.length < 3; index++) await create(`one${index}`)
await Promise.all(Array.from({ length: 10 }, (_, index) => create(`ten${index}`)))
const failed = { messages, whole: await isWhole(), count: await store.count() }
execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=unlimited'])
const ended = await Promise.all(acknowledged.splice(0, 50).map((key) => store.delete(key)))
await create('again')
await store.close()
console.log(JSON.stringify({ ...failed, ended: ended.filter(Boolean).length, acknowledged }))
