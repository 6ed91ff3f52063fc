import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { StoreClient } from '../../../lib/store/client.ts'
import type { SessionStore, StoreEntry } from '../../../types/store.ts'
import { settled } from '../../support/app.ts'
import { fakeClock } from '../../support/clock.ts'
import { OLD } from './calls.ts'

// --- listings ---

const entry = (key: string): StoreEntry => ({ key, record: { data: OLD, expiresAt: 1 } })

/** A client before a store whose listing is this. */
function listing(all: () => AsyncIterable<StoreEntry>) {
  const clock = fakeClock()
  return new StoreClient({ all } as unknown as SessionStore, clock).each((store) => store.all(), 20)
}

async function keysOf(entries: AsyncIterable<StoreEntry>): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of entries) keys.push(key)
  return keys
}

t.test('a listing gives every entry', async (t) => {
  const all = async function* () {
    yield entry('a')
    yield entry('b')
  }
  t.strictSame(await keysOf(listing(all)), ['a', 'b'])
  const bare = { [Symbol.asyncIterator]: () => all()[Symbol.asyncIterator]() }
  t.strictSame(await keysOf(listing(() => bare)), ['a', 'b'])
})

t.test('a consumer that stops closes the iterator, also one that has no return', async (t) => {
  let closed = 0
  const all = async function* () {
    try {
      for (;;) yield entry('a')
    } finally {
      closed++
    }
  }
  for await (const _ of listing(all)) break
  t.equal(closed, 1)
  await t.rejects(
    async () => {
      for await (const _ of listing(all)) throw new Error('the consumer’s own')
    },
    { message: 'the consumer’s own' },
  )
  t.equal(closed, 2)
  const endless = { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false as const, value: entry('a') }) }) }
  for await (const { key } of listing(() => endless)) {
    t.equal(key, 'a')
    break
  }
})

t.test('what a listing throws is wrapped, at its start, midway, and when it is closed', async (t) => {
  const driver = new Error('driver')
  const fails = {
    start: () => {
      throw driver
    },
    first: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(driver) }) }),
    async *midway() {
      yield entry('a')
      throw driver
    },
  }
  for (const [when, all] of Object.entries(fails)) await t.rejects(keysOf(listing(all)), { code: 'FST_ERR_SCS_STORE', cause: driver }, when)
  const closing = async function* () {
    try {
      yield entry('a')
    } finally {
      // biome-ignore lint/correctness/noUnsafeFinally: a cursor that cannot be closed
      throw driver
    }
  }
  await t.rejects(
    async () => {
      for await (const _ of listing(closing)) break
    },
    { code: 'FST_ERR_SCS_STORE', cause: driver },
  )
})

t.test('a listing that hangs is given up, and so is one that hangs when it is closed', async (t) => {
  const hang = () => new Promise<never>(() => {})
  const never = async function* () {
    yield entry('a')
    await hang()
  }
  await t.rejects(keysOf(listing(never)), { code: 'FST_ERR_SCS_TIMEOUT' })
  const sticky = { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false as const, value: entry('a') }), return: hang }) }
  await t.rejects(
    async () => {
      for await (const _ of listing(() => sticky)) break
    },
    { code: 'FST_ERR_SCS_TIMEOUT' },
  )
})

t.test('a listing that hangs is given up without waiting until it is closed, which hangs too', async (t) => {
  const timers: (() => void)[] = []
  t.intercept(globalThis, 'setTimeout', { value: (fire: () => void) => void timers.push(fire) })
  const hang = () => new Promise<never>(() => {})
  const failures: unknown[] = []
  keysOf(listing(() => ({ [Symbol.asyncIterator]: () => ({ next: hang, return: hang }) }))).catch((error) => failures.push(error))
  await settled()
  timers.shift()?.()
  await settled()
  t.match(failures, [{ code: 'FST_ERR_SCS_TIMEOUT' }])
})

t.test('a listing may take its time over each step, and over closing', async (t) => {
  const closed: string[] = []
  const slow = async function* () {
    try {
      for (const key of ['a', 'b']) {
        await sleep(5)
        yield entry(key)
      }
    } finally {
      await sleep(5)
      closed.push('slow')
    }
  }
  for await (const { key } of new StoreClient({ all: slow } as unknown as SessionStore, fakeClock()).each((store) => store.all(), 5000)) {
    if (key === 'b') break
  }
  t.strictSame(closed, ['slow'])
})

t.test('of a listing that fails, and again when it is closed, the first failure counts', async (t) => {
  const first = new Error('first')
  let step = 0
  const next = async () => {
    if (step++ > 0) throw first
    return { done: false as const, value: entry('a') }
  }
  const twice = { [Symbol.asyncIterator]: () => ({ next, return: () => Promise.reject(new Error('second')) }) }
  await t.rejects(keysOf(listing(() => twice)), { cause: first })
})

t.test('each step of a listing has the whole time, for the consumer works in between', async (t) => {
  const clock = fakeClock()
  const all = async function* () {
    for (const key of ['a', 'b', 'c']) yield entry(key)
  }
  const keys: string[] = []
  for await (const { key } of new StoreClient({ all } as unknown as SessionStore, clock).each((store) => store.all(), 20)) {
    keys.push(key)
    clock.advance(1000)
  }
  t.strictSame(keys, ['a', 'b', 'c'])
})
