/** The keys of each owner. */
export class OwnerIndex {
  readonly #keys = new Map<string, Set<string>>()

  add(owner: string | undefined, key: string): void {
    if (owner === undefined) return
    const keys = this.#keys.get(owner)
    if (keys === undefined) this.#keys.set(owner, new Set([key]))
    else keys.add(key)
  }

  remove(owner: string | undefined, key: string): void {
    if (owner === undefined) return
    const keys = this.#keys.get(owner)
    keys?.delete(key)
    if (keys?.size === 0) this.#keys.delete(owner)
  }

  /** A copy: the index may change while it is walked. */
  of(owner: string): string[] {
    return [...(this.#keys.get(owner) ?? [])]
  }
}
