import { inspect } from 'node:util'
import type { Terminal } from './terminal.ts'

/** How many rows of a table are drawn together, so that a listing needs little memory. */
const ROWS = 500

/** Characters that move a terminal's cursor or end a column or a line: an owner may have been chosen by a stranger. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

/** A text that can do nothing to a terminal. */
export function harmless(text: string): string {
  return text.replace(CONTROL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** A line of a listing: as an object for scripts, and as the cells of a table. */
export interface Line {
  readonly json: object
  readonly cells: readonly string[]
}

/** Prints a listing: a table on a terminal, otherwise cells with tabs between them, or one JSON object a line. */
export class Printer {
  readonly #terminal: Terminal
  readonly #isJson: boolean
  readonly #head: readonly string[]
  #rows: string[][] = []

  constructor(terminal: Terminal, isJson: boolean, head: readonly string[]) {
    this.#terminal = terminal
    this.#isJson = isJson
    this.#head = head
  }

  async add({ json, cells }: Line): Promise<void> {
    if (this.#isJson) return await this.#terminal.write(`${jsonOf(json)}\n`)
    const row = cells.map(harmless)
    if (!this.#terminal.drawsTables) return await this.#terminal.write(`${row.join('\t')}\n`)
    if (this.#rows.push(row) === ROWS) await this.end()
  }

  /** Draws what is left. */
  async end(): Promise<void> {
    if (this.#rows.length === 0) return
    const { default: Table } = await import('cli-table3')
    const table = new Table({ head: [...this.#head], style: { head: [], border: [], compact: true } })
    table.push(...this.#rows)
    this.#rows = []
    await this.#terminal.write(`${table}\n`)
  }
}

/** One line of JSON. What JSON lacks is written as its nearest: bytes in base64, a Map as its entries, a Set as an array, a bigint as a string. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value, function replace(this: Record<string, unknown>, key: string, given: unknown) {
    const own = this[key]
    if (own instanceof Uint8Array) return Buffer.from(own).toString('base64')
    if (own instanceof Map || own instanceof Set) return [...own]
    return typeof own === 'bigint' ? String(own) : given
  })
}

/** A value as one reads it, on one line. */
export function shown(value: unknown): string {
  return inspect(value, { depth: 4, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 200, maxArrayLength: 50 })
}
