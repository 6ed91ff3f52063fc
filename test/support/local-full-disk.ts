import { execFileSync } from 'node:child_process'
import { localArguments } from './local.ts'
import { textOf } from './records.ts'

/**
 * Writes sessions until the files may grow no further, then lets them grow again, ends some and writes again; says what came of it. The
 * process that runs it must have a soft limit to the size of files.
 */
const { store } = localArguments()
const text = (key: string) => key.padEnd(200, '.')
const record = (key: string) => ({ data: Buffer.from(text(key)), expiresAt: Date.now() + 3_600_000, owner: key })

const acknowledged: string[] = []
const errors: { readonly code: unknown; readonly message: string }[] = []

async function create(key: string): Promise<void> {
  try {
    if (await store.create(key, record(key))) acknowledged.push(key)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    errors.push({ code, message })
  }
}

/** Whether everything that was acknowledged is there. */
async function isWhole(): Promise<boolean> {
  const texts = await Promise.all(acknowledged.map((key) => textOf(store, key)))
  return acknowledged.every((key, index) => texts[index] === text(key))
}

// One at a time, then ten in a transaction: a process ends at the first rejection that nobody handles.
for (let index = 0; errors.length < 3; index++) await create(`one${index}`)
await Promise.all(Array.from({ length: 10 }, (_, index) => create(`ten${index}`)))
const failed = { errors: [...errors], whole: await isWhole(), count: await store.count() }
execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=unlimited'])
const ended = await Promise.all(acknowledged.splice(0, 50).map((key) => store.delete(key)))
await create('again')
await store.close()
console.log(JSON.stringify({ ...failed, ended: ended.filter(Boolean).length, acknowledged }))
