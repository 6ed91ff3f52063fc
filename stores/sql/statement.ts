/** What a driver may be given for a place of a statement. */
export type SqlValue = string | Buffer | null | readonly string[]

/** The values for the places of a statement, by name: a number is an expiry in epoch milliseconds. Those that it has no place for are left alone. */
export type SqlValues = Readonly<Record<string, SqlValue | number>>

/** A statement as it is sent. */
export interface SqlStatement {
  readonly text: string
  /** The name of each value that the text has a place for, in the order of the driver. */
  readonly names: readonly string[]
}

/** What a statement did: how many rows it wrote or found, and what it found. */
export interface SqlResult {
  readonly count: number
  readonly rows: readonly (readonly unknown[])[]
}

/** `:key`, but not the second half of a cast such as `::bytea`. */
const PLACEHOLDER = /(?<!:):([a-zA-Z]+)/g

/** A text in which a value is named with a colon (`:key`), with the places that PostgreSQL has: `$1`, each of them for as often as it occurs. */
export function numbered(text: string): SqlStatement {
  const names: string[] = []
  const mark = (_: string, name: string) => {
    if (!names.includes(name)) names.push(name)
    return `$${names.indexOf(name) + 1}`
  }
  return { text: text.replace(PLACEHOLDER, mark), names }
}

/** The same with the places that MySQL has: a question mark for each occurrence. */
export function positional(text: string): SqlStatement {
  const names: string[] = []
  const mark = (_: string, name: string) => {
    names.push(name)
    return '?'
  }
  return { text: text.replace(PLACEHOLDER, mark), names }
}

/** The values in the order of the statement. `toExpiry` makes of a moment what the database takes. */
export function valuesFor({ names }: SqlStatement, values: SqlValues, toExpiry: (moment: number) => SqlValue): SqlValue[] {
  return names.map((name) => {
    const value = values[name] ?? null
    return typeof value === 'number' ? toExpiry(value) : value
  })
}
