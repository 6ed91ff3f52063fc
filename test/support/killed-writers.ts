import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Test } from 'tap'
import type { SessionStore } from '../../types/store.ts'
import { type LocalKind, localProcess } from './local.ts'
import { textOf } from './records.ts'
import type { Scope } from './servers/process.ts'

const KILLS = 40
const CHAINS = 12
/** What a writer has said at least when it is killed: of each write that it sends it, and that it was acknowledged. */
const LINES = 40

/** A write: the key that it empties, and the one that it fills with a text. */
interface Write {
  readonly from?: string
  readonly to?: string
  readonly text?: string
}

interface Line {
  readonly chain: string
  readonly sent?: Write
  readonly acknowledged?: boolean
}

/** What one chain of writes did: what lives of it by what was acknowledged, the write that was sent after that, and every key it used. */
interface Chain {
  readonly living: Map<string, string>
  readonly keys: Set<string>
  pending: Write | undefined
}

/** Kills forty writers of a file in mid-write: the store, which is open meanwhile, has every acknowledged session and no ended one. */
export async function survivesKills(t: Test, kind: LocalKind, path: string, store: SessionStore): Promise<void> {
  const living = new Map<string, string>()
  let acknowledged = 0
  for (let kill = 0; kill < KILLS; kill += 2) {
    const outputs = await Promise.all([killedWriter(t, kind, path, `w${kill}`), killedWriter(t, kind, path, `w${kill + 1}`)])
    const lines = outputs.flatMap(linesOf)
    const chains = [...chainsOf(lines)]
    acknowledged += lines.filter((line) => line.acknowledged).length
    for (const chain of chains) await leftOf(t, store, chain)
    // A commit that was on the disk and not yet announced when its process was killed is seen by LMDB from the next write on.
    await store.create(`next${kill}`, { data: Buffer.of(), expiresAt: Date.now() + 3_600_000 })
    living.set(`next${kill}`, '')
    for (const chain of chains) for (const [key, text] of await leftOf(t, store, chain)) living.set(key, text)
    t.equal(await store.count(), living.size, 'and nothing else lives')
  }
  for (const [key, text] of living) if ((await textOf(store, key)) !== text) t.fail(`${key} was lost in a later crash`)
  t.comment(`${acknowledged} writes were acknowledged`)
  t.ok(acknowledged > KILLS * 10)
}

/** Starts a writer, kills it at a moment that nobody chose, and gives what it said until then. */
async function killedWriter(t: Scope, kind: LocalKind, path: string, name: string): Promise<string> {
  const child = localProcess(t, 'local-writer', [kind, path, name, String(CHAINS)])
  // From the start: one that ended before it was killed would be waited for without end.
  const closed = once(child, 'close')
  const busy = new EventEmitter()
  let output = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk) => {
    output += chunk
    // However slow the machine is, it has written something by then.
    if (output.split('\n').length > LINES) busy.emit('busy')
  })
  await Promise.race([once(busy, 'busy'), closed])
  await sleep(Math.random() * 20)
  child.kill('SIGKILL')
  const [code, signal] = await closed
  if (signal !== 'SIGKILL') throw new Error(`the writer ended by itself, with ${code}`)
  return output
}

/** The last line may be cut off. */
function linesOf(output: string): Line[] {
  return output
    .slice(0, output.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line)
}

function chainsOf(lines: readonly Line[]): Iterable<Chain> {
  const chains = new Map<string, Chain>()
  for (const { chain: name, sent } of lines) {
    const chain = chains.get(name) ?? { living: new Map(), keys: new Set(), pending: undefined }
    chains.set(name, chain)
    if (sent === undefined && chain.pending !== undefined) apply(chain.living, chain.pending)
    if (sent?.to !== undefined) chain.keys.add(sent.to)
    chain.pending = sent
  }
  return chains.values()
}

function apply(living: Map<string, string>, { from, to, text = '' }: Write): void {
  if (from !== undefined) living.delete(from)
  if (to !== undefined) living.set(to, text)
}

/** What the store has of a chain, which must be what was acknowledged, with or without the write that was under way. */
async function leftOf(t: Test, store: SessionStore, { keys, living, pending }: Chain): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const key of keys) {
    const text = await textOf(store, key)
    if (text !== undefined) found.set(key, text)
  }
  const withPending = new Map(living)
  if (pending !== undefined) apply(withPending, pending)
  if (![living, withPending].some((allowed) => isDeepStrictEqual(sorted(found), sorted(allowed)))) {
    t.strictSame(found, living, 'what lives is what was acknowledged')
  }
  return found
}

const sorted = (map: Map<string, string>) => [...map].sort()
