import { everyOrder, type Findings, type Scene } from './explore.ts'
import { anyKind, type Roll } from './random.ts'
import type { Fault } from './scheduler.ts'
import type { World } from './world.ts'

/** What is under way when something comes inside it. */
const UNDER_WAY = [
  'put commit',
  'renew put commit',
  'put commit put commit',
  'put commit destroy',
  'put destroy',
  'destroy put commit',
  'put merge',
  'destroy merge',
  'merge commit',
  'put merge put commit',
]

/** What comes inside; nothing as well. */
const INSIDE = ['put', 'again', 'update', 'remove', 'pop', 'clear', 'renew', 'regenerate', 'put commit', 'destroy', 'merge', '']

/** Where it comes, and whether the handler awaits what is under way. */
const PLACES = [
  'await _',
  '_',
  '_ await',
  'pause _',
  'pause _ await',
  'pause _ await update',
  'pause _ pause update',
  '_ throw',
  'pause _ await throw',
]

/** Every script of these three. */
export function scripts(underWay: readonly string[] = UNDER_WAY, inside = INSIDE, places = PLACES): string[] {
  const texts = underWay.flatMap((under) => inside.flatMap((change) => places.map((place) => `${under} ${place.replace('_', change)}`)))
  return texts.map((text) => text.replaceAll(/ +/g, ' ').trim())
}

/** Every order of what each script does. */
export async function everyInside(world: World, findings: Findings): Promise<void> {
  for (const script of scripts()) await everyOrder(world, { kinds: [script] }, findings)
}

/** The same with each call awaited at once: nothing comes while anything is under way. */
export async function everyAwaited(world: World, findings: Findings): Promise<void> {
  const awaited = scripts().map((script) => script.replaceAll(/(commit|destroy|merge)/g, '$1 await'))
  for (const script of awaited) await everyOrder(world, { kinds: [script] }, findings)
}

const FAULTS: readonly Omit<Fault, 'at'>[] = [
  { fate: 'refuse' },
  { fate: 'break' },
  { fate: 'stall' },
  { fate: 'hang' },
  { fate: 'refuse', lasts: true },
]

/** The same, and each of the store calls fails in each way. Returns how often one did. */
export async function everyInsideFault(world: World, findings: Findings, part: number, parts: number): Promise<number> {
  const kinds = scripts(UNDER_WAY, INSIDE, ['pause _', 'pause _ await', 'await _', 'pause _ throw']).filter((_, i) => i % parts === part)
  let faults = 0
  for (const kind of kinds) for (const fault of FAULTS) faults += await everyFault(world, findings, { kinds: [kind] }, fault)
  return faults
}

/** What goes wrong goes so with every call of the first request, one after the other, until it makes no more of them. */
async function everyFault(world: World, findings: Findings, scene: Scene, fault: Omit<Fault, 'at'>): Promise<number> {
  let faults = 0
  for (let at = 1, before = -1; before < faults; at++) {
    before = faults
    await everyOrder(world, { ...scene, fault: { ...fault, at } }, findings, ({ outcome }) => {
      if (outcome.ledger.accounts.get('A')?.failed) faults++
      return []
    })
  }
  return faults
}

/** What goes on beside a script. */
const BESIDE = ['read', 'writeSame', 'count', 'renew', 'destroy']

/** Scripts for pairs: those with the fewest store calls have everything inside, and the others what is most unlike. */
function pairScripts(): string[] {
  return [
    ...scripts(['put commit', 'put destroy', 'put merge'], INSIDE, ['pause _ await']),
    ...scripts(['put commit', 'put destroy', 'put merge', 'destroy put commit'], ['put', 'renew', 'destroy'], ['pause _']),
    ...scripts(['renew put commit', 'put commit destroy'], INSIDE, ['pause _ await']),
    ...scripts(['update commit', 'merge commit'], ['put', 'again', 'remove'], ['pause _ await']),
    ...scripts(['put commit put commit'], ['put', 'renew'], ['pause _']),
  ]
}

/** Every order of the store calls of each script, of its points, and of the store calls of a request beside it. */
export async function everyInsidePair(world: World, findings: Findings, part: number, parts: number): Promise<number> {
  const kinds = pairScripts().filter((_, i) => i % parts === part)
  for (const kind of kinds) for (const beside of BESIDE) await everyOrder(world, { kinds: [kind, beside] }, findings)
  return kinds.length * BESIDE.length
}

/** Messages of a socket: each is a change and a commit of its own, and they meet at one session. */
const JOBS = [
  'JOB update commit await | update commit await | update commit await',
  'JOB pause update commit await | pause update commit await | pause update commit await',
  'JOB pause put commit await | pause renew put commit await | pause update commit',
  'JOB update commit await destroy await | pause put commit await',
  'JOB put merge await commit | pause update commit await | pause remove commit',
]

/** Every order of what each job does, alone and beside a request. */
export async function everyJob(world: World, findings: Findings): Promise<void> {
  for (const job of JOBS) await everyOrder(world, { kinds: [job] }, findings)
  for (const beside of BESIDE) await everyOrder(world, { kinds: ['JOB update commit | pause update commit', beside] }, findings)
}

/** The words of a random script, the more common ones several times. */
const WORDS = [
  'put',
  'put',
  'update',
  'again',
  'remove',
  'pop',
  'clear',
  'renew',
  'regenerate',
  'commit',
  'commit',
  'commit',
  'destroy',
  'merge',
  'pause',
  'pause',
  'await',
]
/** Those of a job: no cookie tells a client of a token that it renewed. */
const JOB_WORDS = ['put', 'update', 'update', 'remove', 'pop', 'commit', 'commit', 'commit', 'merge', 'pause', 'await']

const pick = (from: readonly string[], roll: Roll) => from[roll(from.length)] ?? ''
const some = (from: readonly string[], most: number, roll: Roll) => Array.from({ length: 1 + roll(most) }, () => pick(from, roll)).join(' ')

/** The kind of a random request: most often one whose handler does what a random script says. */
export function randomKind(roll: Roll): string {
  const kind = roll(8)
  if (kind < 2) return anyKind(roll)
  if (kind > 2) return `${kind === 3 ? 'GET ' : ''}${some(WORDS, 9, roll)}${roll(8) === 0 ? ' throw' : ''}`
  return `JOB ${Array.from({ length: 1 + roll(4) }, () => some(JOB_WORDS, 4, roll)).join(' | ')}`
}
