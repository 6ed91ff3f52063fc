import assert from 'node:assert/strict'
import type { SessionStore } from '../../types/store.ts'
import type { ConformanceCase } from './case.ts'
import { answers, given, holds, isGone, keys, lists, record } from './expect.ts'

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const tables: readonly [promise: string, keys: readonly string[]][] = [
  ['keys that differ in case alone are different keys', ['a', 'A', 'aB', 'Ab', 'AB', 'ab']],
  ['keys that begin alike are different keys', ['a', 'aa', 'aaa', 'a-', 'a_', 'a0']],
  ['keys with the wildcards of a pattern are only keys', ['a_b', 'axb', '_', '__', '___', '-']],
  ['keys with names that objects have are only keys', ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '__defineGetter__']],
  ['keys that look like numbers are only keys', ['0', '00', '1', '01', '1e3', '1000', '-1', '-01']],
  ['keys of 43 characters that differ in the last one are different keys', keys('k'.repeat(42), 10)],
  ['every character of base64url may stand in a key', [...BASE64URL].map((character) => `${character}${character}key`)],
]

/** What the contract promises about keys: they are literal. */
export const keyCases: readonly ConformanceCase[] = [
  ...tables.map(
    ([name, all]): ConformanceCase => ({ name, promise: 'exact keys', run: ({ store, later }) => keepsApart(store, all, later(), name) }),
  ),
  {
    name: 'a trace’s key and the key without the semicolon are different keys',
    promise: 'exact keys',
    async run({ store, later }) {
      const name = 'k'.repeat(42)
      await given(store, { [name]: record('session', later()), [`;${name}`]: record('trace', later()) })
      await answers(store.delete(`;${name}`), true, 'the trace can be deleted')
      await holds(store, name, record('session', later()), 'the session is another record than the trace')
      await isGone(store, `;${name}`, 'the trace is another record than the session')
    },
  },
  {
    name: 'a key with a space at its end is another key, or is refused',
    promise: 'exact keys',
    async run({ store, later }) {
      const kept = record('plain', later())
      await given(store, { key: kept })
      await orRefused(async () => isGone(store, 'key ', 'find looks for the key as it stands'))
      await orRefused(async () => answers(store.delete('key '), false, 'delete looks for the key as it stands'))
      await orRefused(async () => answers(store.create('key ', record('space', later())), true, 'the key with the space is free'))
      await holds(store, 'key', kept, 'the key without the space is left alone')
    },
  },
]

async function keepsApart(store: SessionStore, all: readonly string[], expiresAt: number, promise: string): Promise<void> {
  const kept = (key: string) => record(`data of ${key}`, expiresAt)
  for (const key of all) await answers(store.create(key, kept(key)), true, `${promise}: create of ${key}`)
  for (const key of all) await holds(store, key, kept(key), promise)
  if (!store.lacks?.includes('list')) await lists(store, all, `${promise}: all lists the keys as they were`)
  const [first = '', ...rest] = all
  await answers(store.delete(first), true, `${promise}: delete of ${first}`)
  await isGone(store, first, promise)
  for (const key of rest) await holds(store, key, kept(key), promise)
}

/** Lets a store throw, but not break a promise. */
async function orRefused(run: () => Promise<void>): Promise<void> {
  await run().catch((error: unknown) => {
    if (error instanceof assert.AssertionError) throw error
  })
}
