/** The numbers that a generator draws. 0 is the simplest choice everywhere, so that fewer and smaller draws make a simpler input. */
export class Random {
  readonly #draw: () => number

  /** @param draw returns numbers from 0 up to, not including, 2 to the 32nd */
  constructor(draw: () => number) {
    this.#draw = draw
  }

  /** A whole number from 0 up to, not including, `below`. */
  int(below: number): number {
    return Math.floor((this.#draw() / 2 ** 32) * below)
  }

  /** True once in so many times. */
  once(inHowMany: number): boolean {
    return this.int(inHowMany) === inHowMany - 1
  }

  pick<T>(list: readonly T[]): T {
    return list[this.int(list.length)] as T
  }

  /** A list of up to `most` parts. */
  list<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.int(most + 1) }, make)
  }
}

/** The draws of one input: any of a run can be made again without those before it. */
export function seeded(seed: number, input: number): () => number {
  let state = mix(Math.imul(seed, 0x9e3779b1) ^ mix(input + 1))
  return () => {
    state = (state + 0x9e3779b9) | 0
    return mix(state) >>> 0
  }
}

/** The finalizer of MurmurHash3: each bit of the number changes half of the bits. */
function mix(number: number): number {
  let h = number
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** Draws that were noted, and zeros after them. */
export function replayed(draws: readonly number[]): () => number {
  let next = 0
  return () => draws[next++] ?? 0
}

/** Words that mean something to somebody: to JavaScript, to JSON, to our payloads, to a console. */
export const WORDS: readonly string[] = [
  ...['a', 'user', '', '0', '1', '-1', '$', 'v', '__proto__', 'constructor', 'prototype', 'toString', 'toJSON', 'then', 'length', 'values'],
  ...['deadline', 'tagged', 'map', 'set', 'date', 'bytes', 'bigint', 'object', '-0', '__rememberMe', '__renewedTo', '__computed', '_'],
  ...['__'],
  ...['4294967294', '4294967295', '\0', '\n', '"', '\\', '%s', '\u001b[31m', '\ud800', '\udfff\ud800', 'ä', '\u2028', '😀', '\ufeff'],
  ...['\u00a0'],
]

/** A string: a word, or units of any kind, lone surrogates among them. */
export function text(random: Random, most = 6): string {
  if (!random.once(3)) return random.pick(WORDS)
  const range = random.pick([0x80, 0x100, 0x10000])
  return String.fromCharCode(...random.list(most, () => random.int(range)))
}

/** How often a smaller input is tried: an input of ten million bytes must not keep a run for hours. */
const MAX_TRIES = 2000

/**
 * Reduces draws as long as `fails` says that the input made of them still does: cuts out halves, quarters and so on, then halves the
 * numbers themselves. A generator makes something of any draws, so what is cut needs no knowledge of what the input is.
 */
export async function shrink(draws: readonly number[], fails: (draws: readonly number[]) => Promise<boolean>): Promise<readonly number[]> {
  let tries = 0
  let best = draws
  const isBetter = async (candidate: readonly number[]) => {
    if (tries++ >= MAX_TRIES || !(await fails(candidate))) return false
    best = candidate
    return true
  }
  let before: readonly number[]
  do {
    before = best
    for (let size = Math.ceil(best.length / 2); size >= 1 && tries < MAX_TRIES; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let at = 0; at < best.length; ) {
        if (!(await isBetter([...best.slice(0, at), ...best.slice(at + size)]))) at += size
      }
    }
    for (let at = 0; at < best.length; at++) await lower(at)
  } while (best !== before && tries < MAX_TRIES)
  return best

  /** Zero if that will do, else ever less of it. */
  async function lower(at: number): Promise<void> {
    if ((best[at] ?? 0) === 0 || (await isBetter(best.with(at, 0)))) return
    for (let cut = Math.floor((best[at] ?? 0) / 2); cut >= 2 ** 20; cut = Math.floor(cut / 2))
      await isBetter(best.with(at, (best[at] ?? 0) - cut))
  }
}
