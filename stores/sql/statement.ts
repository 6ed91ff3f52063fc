/** What a driver takes as the value of a placeholder. */
export type SqlValue = string | Buffer | null | readonly string[]

/** The values of a statement by the names of its placeholders; further values are ignored. A number is an expiry in epoch milliseconds. */
export type SqlValues = Readonly<Record<string, SqlValue | number>>

/** A statement as it is sent. */
export interface SqlStatement {
  readonly text: string
  /** The names of its values, in the order in which the driver takes them. */
  readonly names: readonly string[]
}

/** How many rows a statement wrote or found, and the rows that it found. */
export interface SqlResult {
  readonly count: number
  readonly rows: readonly (readonly unknown[])[]
}

/** A placeholder such as `:key`, but not a cast such as `::bytea`. */
const PLACEHOLDER = /(?<!:):([a-zA-Z]+)/g

/** Turns named placeholders (`:key`) into those of PostgreSQL: `$1`, the same number wherever the name occurs. */
export function numbered(text: string): SqlStatement {
  const names: string[] = []
  const mark = (_: string, name: string) => {
    if (!names.includes(name)) names.push(name)
    return `$${names.indexOf(name) + 1}`
  }
  return { text: text.replace(PLACEHOLDER, mark), names }
}

/** Turns named placeholders into those of MySQL: a question mark for each occurrence. */
export function positional(text: string): SqlStatement {
  const names: string[] = []
  const mark = (_: string, name: string) => {
    names.push(name)
    return '?'
  }
  return { text: text.replace(PLACEHOLDER, mark), names }
}

/** The values in the order of the statement. `toExpiry` converts a moment into what the database takes. */
export function valuesFor({ names }: SqlStatement, values: SqlValues, toExpiry: (moment: number) => SqlValue): SqlValue[] {
  return names.map((name) => {
    const value = values[name] ?? null
    return typeof value === 'number' ? toExpiry(value) : value
  })
}
