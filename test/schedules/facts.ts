import type { Values } from './operations.ts'
import type { Word } from './script.ts'

/** What a script did, or what its session showed it. The sign tells the calls of a request apart. */
export type Fact =
  | { readonly does: 'call'; readonly word: Word; readonly sign: string; readonly returned: unknown }
  /** What came of a call that returns a promise; the code of the error, should it have rejected. */
  | { readonly does: 'settle'; readonly sign: string; readonly code: string | undefined }
  /** The handler threw. */
  | { readonly does: 'fail' }
  | { readonly does: 'look'; readonly values: Values }

/** A fact, and after how many of the store's steps it happened. */
export interface Noted {
  readonly actor: string
  readonly after: number
  readonly fact: Fact
}
