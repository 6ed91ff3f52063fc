import { OWNER, text } from './values.ts'

export type Values = Readonly<Record<string, unknown>>

/** What a session holds. */
export interface Content {
  readonly deadline: number
  readonly values: Values
}

/** A session in the store. */
export interface Stored extends Content {
  readonly expiresAt: number
}

/** Under this key SCS keeps that a client is to be remembered. */
export const REMEMBER = '__rememberMe'
/** Under this key the next reply is told that the cookie has to be sent. */
export const COOKIE_DUE = '__cookieDue'
/** Something that no two computed contents have in common. */
export const COMPUTED = '__computed'

/** One change of the values. */
export type Edit =
  | { readonly does: 'put'; readonly key: string; readonly value: unknown; readonly isIdle?: boolean }
  | { readonly does: 'remove'; readonly key: string; readonly isIdle?: boolean }
  | { readonly does: 'count'; readonly key: string }
  | { readonly does: 'clear'; readonly isIdle?: boolean }
  | { readonly does: 'keep'; readonly keys: readonly string[] }

/** What the counter of the test does to a value: whatever is no number starts at one. */
export function counted(value: unknown): number {
  return typeof value === 'number' ? value + 1 : 1
}

/** The values after some edits, one after the other. */
export function edit(values: Values, edits: readonly Edit[]): Values {
  return edits.reduce(once, values)
}

function once(values: Values, change: Edit): Values {
  switch (change.does) {
    case 'put':
      return { ...values, [change.key]: change.value }
    case 'count':
      return { ...values, [change.key]: counted(own(values, change.key)) }
    case 'remove':
      return only(values, (key) => key !== change.key)
    case 'keep':
      return only(values, (key) => change.keys.includes(key) || key === REMEMBER)
    case 'clear':
      return {}
  }
}

/** Whether an edit is worth a save: what changes nothing is not, where nothing else was done to the key, and yet holds when there is one. */
export function counts(change: Edit): boolean {
  return !('isIdle' in change) || change.isIdle !== true
}

/** Whether a key may have been changed. */
export function touches(edits: readonly Edit[], key: string): boolean {
  return edits.some((change, i) => {
    if (change.does === 'clear') return counts(change)
    if (change.does === 'keep' || change.key !== key || !counts(change)) return false
    return key === REMEMBER || !edits.slice(i + 1).some((later) => later.does === 'keep' && !later.keys.includes(key))
  })
}

/** Whether the outcome depends on what was there before: a count that nothing later made void. */
export function computes(edits: readonly Edit[]): boolean {
  return edits.some((change, i) => change.does === 'count' && !edits.slice(i + 1).some((later) => voids(later, change.key)))
}

function voids(later: Edit, key: string): boolean {
  if (later.does === 'clear') return true
  return later.does === 'keep' ? !later.keys.includes(key) : later.does !== 'count' && later.key === key
}

function only(values: Values, keeps: (key: string) => boolean): Values {
  return Object.fromEntries(Object.entries(values).filter(([key]) => keeps(key)))
}

/** The value of a key, and not what every object inherits. */
export function own(values: Values, key: string): unknown {
  return Object.hasOwn(values, key) ? values[key] : undefined
}

export function isReserved(key: string): boolean {
  return key.startsWith('__')
}

/** The keys that an application sees, sorted. */
export function keysOf(values: Values): string[] {
  return Object.keys(values)
    .filter((key) => !isReserved(key))
    .sort()
}

/** What an application sees. */
export function visible(values: Values): Values {
  return Object.fromEntries(keysOf(values).map((key) => [key, values[key]]))
}

/** Whether two contents are written as the same bytes. */
export function isSame(a: Content, b: Content): boolean {
  return a === b || text([a.deadline, a.values]) === text([b.deadline, b.values])
}

/** What names an owner: 7, 7n and '7' are one. */
export function ownerText(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined
}

export function ownerOf(values: Values): string | undefined {
  return ownerText(own(values, OWNER))
}

/** What a session says of itself. */
export interface Look {
  readonly data: Values
  readonly keys: readonly string[]
  readonly deadline: number
  readonly status: string
  readonly isNew: boolean
  /** `new` for the token that a renewal will bring. */
  readonly token: string
}
