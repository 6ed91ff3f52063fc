import assert from 'node:assert'
import { Random, replayed, seeded, shrink } from './random.ts'

/** Something that takes what comes from outside, and what must hold for every input. */
export interface Target<T = unknown> {
  readonly name: string
  /** Makes an input. The same draws make the same input. */
  make(random: Random): T
  /** Throws when a promise is broken. A promise only where there is something to wait for. */
  check(input: T): void | Promise<void>
  /** The input as a string, for whoever reads the finding. */
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

/** What every part of a program shares, and so nothing that comes from outside may change. */
const SHARED: readonly object[] = [
  ...[Object, Array, Map, Set, Date, String, Number, Boolean, BigInt, Symbol, Function, RegExp, Promise, Error, TypeError, Buffer],
  ...[Uint8Array, Object.getPrototypeOf(Uint8Array) as object, WeakMap, JSON, Reflect, Math],
]

type Snapshot = ReadonlyMap<object, ReadonlyMap<PropertyKey, PropertyDescriptor>>

/** What a foreign hand could have changed: the properties of the shared things and of their prototypes, and what is global. */
class World {
  readonly #before = snapshot()

  /** Throws when anything differs from when this was made. */
  mustBeUnchanged(): void {
    const now = snapshot()
    for (const [thing, before] of this.#before) {
      const after = now.get(thing) ?? new Map<PropertyKey, PropertyDescriptor>()
      for (const key of new Set([...before.keys(), ...after.keys()])) {
        assert.ok(isSame(before.get(key), after.get(key)), `${name(thing)} has another ${String(key)} than before`)
      }
    }
  }
}

/** The cheap look, after each input: what pollutes all objects nearly always shows in any of them. */
function mustBeClean(): void {
  for (const key in {}) {
    // Else every later input would seem to do the same, and this one could not be reduced.
    Reflect.deleteProperty(Object.prototype, key)
    throw new assert.AssertionError({ message: `Object.prototype has a new property ${key}` })
  }
}

function snapshot(): Snapshot {
  const prototypes = SHARED.flatMap((each) => (typeof each === 'function' ? [each.prototype as object] : []))
  const things: readonly object[] = [...SHARED, ...prototypes, globalThis]
  return new Map(things.map((thing) => [thing, thing === globalThis ? globals() : properties(thing)]))
}

function properties(thing: object): Map<PropertyKey, PropertyDescriptor> {
  return new Map(Reflect.ownKeys(thing).map((key) => [key, Reflect.getOwnPropertyDescriptor(thing, key) ?? {}]))
}

/** Their names alone: Node makes some of them when they are first used. */
function globals(): Map<PropertyKey, PropertyDescriptor> {
  return new Map(Reflect.ownKeys(globalThis).map((key) => [key, {}]))
}

function isSame(a: PropertyDescriptor | undefined, b: PropertyDescriptor | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return Object.is(a.value, b.value) && a.get === b.get && a.set === b.set && a.writable === b.writable && a.configurable === b.configurable
}

function name(thing: object): string {
  if (thing === globalThis) return 'globalThis'
  if (typeof thing === 'function') return thing.name
  return `${(thing.constructor as { name?: string } | undefined)?.name ?? 'a shared object'}.prototype`
}
