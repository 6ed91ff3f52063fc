import { Random, replayed, seeded } from './random.ts'
import { shrink } from './shrink.ts'
import { mustBeClean, World } from './world.ts'

/** Something that takes what comes from outside, and what must hold for every input. */
export interface Target<T = unknown> {
  readonly name: string
  /** Makes an input. The same draws make the same input. */
  make(random: Random): T
  /** Throws when a promise is broken. A promise only where there is something to wait for. */
  check(input: T): void | Promise<void>
  /** The input as a text for whoever reads the finding. */
  show(input: T): string
  close(): Promise<void>
}

/** Starts a target of its own. */
export type StartTarget = () => Promise<Target>

export interface FuzzOptions {
  readonly inputs: number
  readonly seed: number
  /** The number of the first input. Default: 0. */
  readonly from?: number
  /** After how many inputs everything shared is looked at, and `progress` is called. Default: 5000. */
  readonly batch?: number
  readonly progress?: (done: number) => void
}

/** What a run has to say for itself. */
export interface Outcome {
  readonly inputs: number
  readonly milliseconds: number
  /** Of the processor, which others may share. */
  readonly cpuMilliseconds: number
  /** The input that took longest, and how long. */
  readonly slowest: { readonly input: number; readonly milliseconds: number }
}

/** A broken promise: which, by what input, and how to see it again. */
export class Finding extends Error {}

/** Tries a target with so many inputs. Throws a {@link Finding}, with the input reduced, for the first that breaks a promise. */
export async function fuzz(target: Target, { inputs, seed, from = 0, batch = 5000, progress }: FuzzOptions): Promise<Outcome> {
  const world = new World()
  const rejected = watchRejections()
  const start = performance.now()
  const used = process.cpuUsage()
  let slowest = { input: from, milliseconds: 0 }
  let before = start
  try {
    for (let input = from; input < from + inputs; input++) {
      const error = await attempt(target, new Random(seeded(seed, input)))
      if (error !== undefined) throw await found(target, seed, input, error)
      const now = performance.now()
      if (now - before > slowest.milliseconds) slowest = { input, milliseconds: now - before }
      before = now
      if ((input + 1 - from) % batch === 0 || input + 1 === from + inputs) {
        await lookAround(`${target.name}, seed ${seed}, one of the inputs up to ${input}`, world, rejected.errors)
        progress?.(input + 1 - from)
        before = performance.now()
      }
    }
  } finally {
    rejected.stop()
  }
  const { user, system } = process.cpuUsage(used)
  return { inputs, milliseconds: performance.now() - start, cpuMilliseconds: (user + system) / 1000, slowest }
}

/** What the input did wrong, if it did. Waits only where there is something to wait for: a turn of the queue costs as much as an input. */
function attempt(target: Target, random: Random): unknown | Promise<unknown> {
  try {
    const pending = target.check(target.make(random))
    if (pending !== undefined)
      return pending.then(mustBeClean).then(
        () => undefined,
        (error: unknown) => error,
      )
    mustBeClean()
    return undefined
  } catch (error) {
    return error
  }
}

async function found(target: Target, seed: number, input: number, error: unknown): Promise<Finding> {
  const draws: number[] = []
  const draw = seeded(seed, input)
  const noting = () => {
    const drawn = draw()
    draws.push(drawn)
    return drawn
  }
  target.make(new Random(noting))
  const reduced = await shrink(draws, async (fewer) => (await attempt(target, new Random(replayed(fewer)))) !== undefined)
  const cause = (await attempt(target, new Random(replayed(reduced)))) ?? error
  const shown = target.show(target.make(new Random(replayed(reduced))))
  const rule = cause instanceof Error ? cause.message : String(cause)
  return new Finding(
    `${target.name}: ${rule}\n  seed ${seed}, input ${input} (again: node scripts/fuzz.mjs --seed ${seed} --from ${input} --inputs 1 ${target.name})\n  reduced: ${clip(shown)}`,
    { cause },
  )
}

const clip = (text: string): string => (text.length > 2000 ? `${text.slice(0, 1500)} … (${text.length} characters)` : text)

async function lookAround(where: string, world: World, rejections: readonly unknown[]): Promise<void> {
  // A rejection that nobody handles is told when the queue is empty.
  await new Promise((resolve) => setImmediate(resolve))
  if (rejections.length > 0) throw new Finding(`${where}: left a promise whose rejection nobody handles`, { cause: rejections[0] })
  try {
    world.mustBeUnchanged()
  } catch (cause) {
    throw new Finding(`${where}: ${(cause as Error).message}`, { cause })
  }
}

function watchRejections(): { readonly errors: readonly unknown[]; stop(): void } {
  const errors: unknown[] = []
  const note = (error: unknown) => void errors.push(error)
  process.on('unhandledRejection', note)
  return { errors, stop: () => void process.off('unhandledRejection', note) }
}
