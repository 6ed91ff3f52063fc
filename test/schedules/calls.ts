import type { Values } from './operations.ts'
import { changeOf, type Word } from './script.ts'

/** A call that a script made. */
export interface Call {
  readonly word: Word
  readonly sign: string
  readonly returned: unknown
  /** Whether its promise is yet to be settled; a change has none. */
  isOpen: boolean
  /** Whether there is nothing to save of it, or no more. */
  isOver: boolean
  /** Whether it may change nothing: it puts what was there, or removes what was not, and what was under way may have brought another. */
  readonly isMaybe: boolean
  /** Of a merge: what the other session held. */
  taken?: Values | undefined
  /** Of a commit: what its save wrote. */
  wrote?: Values
  /** What was stored, if that had all of its changes already when it looked what became of a call that failed. */
  met?: Values
}

/** A save by the call at a place or, after the last of them, with the reply. */
interface Save {
  readonly by: number
  readonly key: string
  readonly isNew: boolean
}

/** The calls of one session in the order in which they were made, and the saves. A call is known by its place. */
export class Calls {
  readonly all: Call[] = []
  readonly #saves: Save[] = []
  readonly #key: string
  /** Whether the handler threw: no change goes into the reply's save then but a new token, and what a `regenerate` removes. */
  isFailed = false

  /** @param key of the session at first; '' for none */
  constructor(key: string) {
    this.#key = key
  }

  /** The place of the call that the next store call is for: the first that is under way, or the reply. */
  get head(): number {
    const open = this.all.findIndex(({ isOpen }) => isOpen)
    return open === -1 ? this.all.length : open
  }

  get saves(): readonly Save[] {
    return this.#saves
  }

  saved(key: string, isNew: boolean): void {
    this.#saves.push({ by: this.head, key, isNew })
  }

  /** The place of the last end that was called before a place, or -1. */
  lastEnd(before = this.all.length): number {
    return this.all.findLastIndex(({ word }, i) => word === 'destroy' && i < before)
  }

  /** The key of the session that the call at a place has; '' for none. */
  keyAt(place: number): string {
    const end = this.lastEnd(place)
    return this.#saves.findLast(({ by }) => by > end && by < place)?.key ?? (end >= 0 ? '' : this.#key)
  }

  /** What the call at a place has to save. */
  unsaved(place = this.all.length): Call[] {
    const calls = this.all
      .slice(this.lastEnd(place) + 1, place)
      .filter((call) => !call.isOver && (call.taken ?? changeOf(call.word)) !== undefined)
    return this.#isOfFailed(place) ? calls.filter(isRenewal) : calls
  }

  /** The key of the session that the call under way is for; '' for none. */
  get keyUnderWay(): string {
    return this.keyAt(this.head)
  }

  /** The keys of the sessions that were ended, as they were then. */
  get endedKeys(): readonly string[] {
    return this.all.flatMap(({ word }, i) => (word === 'destroy' ? [this.keyAt(i)] : [])).filter((key) => key !== '')
  }

  /** The keys of the sessions that were made or renewed. */
  get newKeys(): readonly string[] {
    return this.saves.filter(({ isNew }) => isNew).map(({ key }) => key)
  }

  /** Whether the call at a place is in a save. */
  isSaved(place: number): boolean {
    return this.#saves.some(({ by }) => by > place && this.lastEnd(by) < place && !this.#isOfFailed(by))
  }

  #isOfFailed(place: number): boolean {
    return this.isFailed && place >= this.all.length
  }

  /** Whether a session that was merged is in a save. */
  get hasMerged(): boolean {
    return this.all.some(({ word, taken }, i) => word === 'merge' && taken !== undefined && this.isSaved(i))
  }
}

export const isRenewal = ({ word }: Call) => word === 'renew' || word === 'regenerate'

/** The values after some calls. */
export function apply(calls: readonly Call[], values: Values): Values {
  let after = values
  for (const { word, sign, returned, taken } of calls)
    after = word === 'merge' ? { ...after, ...taken } : (changeOf(word)?.edit(after, sign, returned) ?? after)
  return after
}

/** Whether a session of their own would have no values. */
export const isEmpty = (calls: readonly Call[]) => Object.keys(apply(calls, {})).length === 0
