const PART = /^[A-Za-z_][A-Za-z0-9_$]{0,47}$/

/** The name of a table, apart from its schema. */
export interface SqlTable {
  readonly schema: string | undefined
  readonly name: string
}

/**
 * The table that an option names: `name` or `schema.name`. Each part has only letters, digits, `_` and `$`, which are safe within quotes, and at most
 * 48 characters, so that the names of its indexes fit too. Throws a TypeError that names the store and the rule.
 */
export function checkedTable(table: unknown, store: string): SqlTable {
  const parts = typeof table === 'string' ? table.split('.') : []
  const [first = '', second] = parts
  if (parts.length > 2 || !parts.every((part) => PART.test(part)) || first === '') {
    throw new TypeError(
      `${store}: the option table must be name or schema.name, each a letter or _ and then letters, digits, _ or $, at most 48`,
    )
  }
  return second === undefined ? { schema: undefined, name: first } : { schema: first, name: second }
}

/** The name in quotes, so that the database keeps upper and lower case. */
export function quotedTable({ schema, name }: SqlTable, quote: string): string {
  const quoted = (part: string) => `${quote}${part}${quote}`
  return schema === undefined ? quoted(name) : `${quoted(schema)}.${quoted(name)}`
}
