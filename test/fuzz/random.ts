/** The numbers that a generator draws. 0 is the simplest choice everywhere, so that fewer and smaller draws make a simpler input. */
export class Random {
  readonly #draw: () => number

  /** @param draw gives numbers from 0 up to, not including, 2 to the 32nd */
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
