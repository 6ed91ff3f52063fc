import { Changes } from './changes.ts'
import { type Content, hasVisible } from './record.ts'

/** A session that was merged into this one, as it was then, to end once this one is saved. */
export interface Merged {
  readonly key: string
  readonly data: Uint8Array
}

const NONE: readonly Merged[] = []

/**
 * The changes of a request that are not saved yet. A `commit()` puts a new draft on top for later changes, which are made on the result of
 * this one. When this one is saved, the one above is based on what was saved; when that fails, its changes become those of the one above.
 */
export class Draft extends Changes {
  #merged: readonly Merged[] = NONE
  #above: Draft | undefined = undefined
  #below: Draft | undefined = undefined

  get merged(): readonly Merged[] {
    return this.#merged
  }

  /** Whether anything is to be saved here, or in the draft beneath. */
  get isChanged(): boolean {
    return this.isRenewed || this.isEdited(false) || (this.#below?.isChanged ?? false)
  }

  /** Whether values are to be saved, here or in the draft beneath, so that there is or will be a session. */
  get savesValues(): boolean {
    return (this.isEdited(false) && hasVisible(this.values)) || (this.#below?.savesValues ?? false)
  }

  /** Whether no change was asked for, and there is no draft beneath. */
  get isPristine(): boolean {
    return this.#below === undefined && this.isEmpty
  }

  override get renewedToken(): string | undefined {
    return super.renewedToken ?? this.#below?.renewedToken
  }

  /** Takes over another session's content, which ends with the save. */
  absorb(other: Content, merged: Merged): void {
    this.takeOver(other)
    this.#merged = [...this.#merged, merged]
    this.#above?.rebase(this.content)
  }

  override rebase(content: Content): void {
    super.rebase(content)
    this.#above?.rebase(this.content)
  }

  /** Puts a new draft on top of this one, for later changes, and returns it. */
  stack(): Draft {
    const above = new Draft(this.settings, this.content)
    above.#below = this
    this.#above = above
    return above
  }

  /**
   * To be called when this draft was saved: the one above is then based on what is stored.
   *
   * @param isAsSeen whether exactly what the request saw was saved: no other request came between, and no function needs to run again
   */
  release(content: Content, isAsSeen: boolean): void {
    const above = this.#above
    this.#above = undefined
    if (above === undefined) return
    above.#below = undefined
    if (isAsSeen) above.baseOn(content)
    else above.rebase(content)
  }

  /** To be called when this draft was not saved: its changes become those of the one above. After a `release` it does nothing. */
  giveBack(): void {
    const above = this.#above
    this.#above = undefined
    if (above === undefined) return
    above.#below = undefined
    above.prepend(this)
    above.#merged = [...this.#merged, ...above.#merged]
  }
}
