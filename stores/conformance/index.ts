import type { Answer, StoreLack } from '../../types/store.ts'
import { bytesCases } from './bytes.ts'
import type { ConformanceCase, ConformanceSubject } from './case.ts'
import { cleaningCases } from './cleaning.ts'
import { attach, type CaseAttempt, createAttempt } from './context.ts'
import { createCases } from './create.ts'
import { deleteCases } from './delete.ts'
import { deleteOwnedByCases } from './delete-owned-by.ts'
import { farCases } from './far.ts'
import { findCases } from './find.ts'
import { instanceCases } from './instances.ts'
import { instanceListCases } from './instances-lists.ts'
import { keyCases } from './keys.ts'
import { lackCases } from './lacks.ts'
import { largeCases } from './large.ts'
import { lateCases } from './late.ts'
import { lifecycleCases } from './lifecycle.ts'
import { listingCases } from './listing.ts'
import { ownedByCases } from './owned-by.ts'
import { ownerNameCases } from './owner-names.ts'
import { raceCases } from './races.ts'
import { deleteRaceCases } from './races-delete.ts'
import { keyRaceCases } from './races-keys.ts'
import { listingRaceCases } from './races-listing.ts'
import { ownerRaceCases } from './races-owner.ts'
import { readRaceCases } from './races-read.ts'
import { touchRaceCases } from './races-touch.ts'
import { renameCases } from './rename.ts'
import { renameOwnerCases } from './rename-owner.ts'
import { renewalRecordCases } from './renewal-record.ts'
import { touchCases } from './touch.ts'
import { updateCases } from './update.ts'
import { walkCases } from './walks.ts'

export type { CaseContext, ConformanceCase, ConformanceClock, ConformancePromise, ConformanceSubject } from './case.ts'

const everyCase: readonly ConformanceCase[] = [
  ...lifecycleCases,
  ...findCases,
  ...createCases,
  ...updateCases,
  ...renameCases,
  ...renewalRecordCases,
  ...touchCases,
  ...deleteCases,
  ...farCases,
  ...lateCases,
  ...bytesCases,
  ...largeCases,
  ...keyCases,
  ...listingCases,
  ...walkCases,
  ...cleaningCases,
  ...ownedByCases,
  ...renameOwnerCases,
  ...deleteOwnedByCases,
  ...ownerNameCases,
  ...raceCases,
  ...touchRaceCases,
  ...deleteRaceCases,
  ...keyRaceCases,
  ...readRaceCases,
  ...ownerRaceCases,
  ...listingRaceCases,
  ...instanceCases,
  ...instanceListCases,
]

/** How many times longer the short life is at each repetition of a case, and at the last one. */
const TIMES = 4
const MAX_TIMES = TIMES ** 3

/** The options of {@link storeConformance}. */
export interface StoreConformanceOptions {
  /**
   * Registers one asynchronous test: `test` of node:test or Vitest, `t.test` of tap. A test fails when its promise rejects. Its name is that of the
   * case, followed by what the case shows about the database: `create adds a record under a key that is free [unique keys]`.
   */
  readonly test: (name: string, run: () => Promise<void>) => unknown
  /**
   * Returns an empty store. Called once for each case, and again when a case is repeated. If cases run concurrently, no two of the stores may share a
   * record. If several processes can share the store, it also returns `second`.
   */
  readonly createStore: () => Answer<ConformanceSubject>
  /** What the store cannot do. It must declare the same. Default: nothing. */
  readonly lacks?: readonly StoreLack[]
  /**
   * The life of the records that the suite lets expire, in milliseconds. Default: 300. Without a clock, about 40 cases wait this long and a quarter
   * more. It should be much longer than a few commands take, especially if cases run concurrently. A case that fails because a record expired too soon
   * is repeated with a life four times as long, at most three times.
   */
  readonly shortLife?: number
}

/**
 * Registers one test for each thing that the contract of a store demands.
 *
 * ```ts
 * import { test } from 'node:test'
 * import { storeConformance } from 'fastify-scs/conformance'
 *
 * storeConformance({
 *   test,
 *   async createStore() {
 *     const table = await makeTable()
 *     return { store: new MyStore(pool, table), second: () => new MyStore(otherPool, table), close: () => dropTable(table) }
 *   },
 * })
 * ```
 *
 * Throws a TypeError when an option is wrong.
 */
export function storeConformance(options: StoreConformanceOptions): void {
  const { test, createStore, lacks = [], shortLife = 300 } = options
  if (typeof test !== 'function') throw new TypeError('storeConformance: the option test must be a function')
  if (typeof createStore !== 'function') throw new TypeError('storeConformance: the option createStore must be a function')
  if (!Number.isInteger(shortLife) || shortLife < 4) {
    throw new TypeError('storeConformance: the option shortLife must be a whole number of milliseconds, 4 or more')
  }
  for (const one of conformanceCases(lacks)) test(`${one.name} [${one.promise}]`, () => runCase(one, createStore, lacks, shortLife))
}

/**
 * The cases that a store with these lacks must pass, in the order in which they run. Default: those of a store that lacks nothing.
 * Throws a TypeError when a lack is unknown.
 */
export function conformanceCases(lacks: readonly StoreLack[] = []): readonly ConformanceCase[] {
  for (const lack of lacks) {
    if (!lackCases.some((one) => one.shows === lack)) throw new TypeError(`storeConformance: the option lacks does not know ${lack}`)
  }
  const applying = everyCase.filter((one) => !one.needs?.some((need) => lacks.includes(need)))
  return [...applying, ...lackCases.filter((one) => lacks.includes(one.shows))]
}

/** Runs a case; if it fails because the machine was too slow for the short life, runs it again with a longer one. */
async function runCase(
  one: ConformanceCase,
  createStore: StoreConformanceOptions['createStore'],
  lacks: readonly StoreLack[],
  life: number,
  longest = life * MAX_TIMES,
): Promise<void> {
  const subject = await createStore()
  const attempt = createAttempt(subject, lacks, life)
  const failure = await failureOf(one, attempt)
  if (failure === undefined) return
  if (!attempt.wasLate() || life === longest) throw failure.error
  await runCase(one, createStore, lacks, life * TIMES, longest)
}

/** Runs a case on its own store and returns what it threw, if anything. Throws what closing the store throws. */
async function failureOf(one: ConformanceCase, { context, close }: CaseAttempt): Promise<{ error: unknown } | undefined> {
  let failure: { error: unknown } | undefined
  try {
    attach(context.store)
    await one.run(context)
  } catch (error) {
    failure = { error }
  }
  await close()
  return failure
}
