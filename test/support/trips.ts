import { settled } from './app.ts'

/** Counts round trips: commands that are on their way at the same time are one. */
export class Trips {
  #open = 0
  count = 0

  /** The same object, the methods of these names counted. What a method of `lends` gives is counted in the same way. */
  watch<T extends object>(target: T, counted: readonly string[], lends: readonly string[] = []): T {
    return new Proxy(target, {
      get: (from, name) => {
        const value: unknown = Reflect.get(from, name)
        if (typeof value !== 'function') return value
        if (counted.includes(String(name))) return (...args: unknown[]) => this.#take(() => value.apply(from, args))
        if (!lends.includes(String(name))) return value.bind(from)
        return this.#lending((...args) => value.apply(from, args), counted)
      },
    })
  }

  /** What lends to a callback, or by a promise. */
  #lending(lend: (...args: unknown[]) => unknown, counted: readonly string[]) {
    return (done?: (error: unknown, lent: object | undefined) => void): unknown => {
      if (done !== undefined) return lend((error: unknown, lent: object | undefined) => done(error, lent && this.watch(lent, counted)))
      return Promise.resolve(lend()).then((lent) => this.watch(lent as object, counted))
    }
  }

  /** Resolves when nothing is on its way, what nobody waits for included. */
  async idle(): Promise<void> {
    do await settled()
    while (this.#open > 0)
  }

  async #take(send: () => unknown): Promise<unknown> {
    if (this.#open++ === 0) this.count++
    try {
      return await send()
    } finally {
      this.#open--
    }
  }
}
