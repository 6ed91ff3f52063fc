import { wrap } from '../../test/support/markdown.mjs'

/** The rows that docs/comparison.md shows as a table, and what it calls them. */
const COUNTS = {
  'ten-keys': 'ten requests at once put a key each: keys kept',
  'orders-write': 'a write beside a read or a write, in every order: writes lost',
  'orders-logout': 'a logout beside a request, in every order: old cookie works',
  'orders-login': 'a login with a new token, in every order: the same',
}

/** Those that it shows as lists, for what was observed of them is long. */
const SENTENCES = {
  'store-fails': 'The store fails',
  'store-hangs': 'The store hangs: is there an answer',
  'login-fails': 'The save of a login fails',
  spoilt: 'Nine kinds of rows that cannot be read: what becomes of the visitor',
  'at-rest': 'Is the token in the store, in the clear',
}

const line = (cells) => `| ${cells.join(' | ')} |`

/** The libraries are what a row has beside its key and its question. */
export const cellsOf = ({ key, ask, ...cells }) => cells

const listOf = (row, indent) =>
  Object.entries(cellsOf(row))
    .map(([library, cell]) => wrap(`${library}: ${cell}`, `${indent}- `))
    .join('\n')

/** All rows, numbered, and what was observed of each library. */
export function behaviourLists(rows) {
  const lists = rows.map((row, index) => {
    const number = `${index + 1}. `
    return `${wrap(row.ask, number)}\n${listOf(row, ' '.repeat(number.length))}`
  })
  return lists.join('\n')
}

/** Those rows that docs/comparison.md shows. */
export function chosenBehaviour({ made: [{ versions }], rows }) {
  const rowOf = (key) => {
    const row = rows.find((each) => each.key === key)
    if (row === undefined) throw new Error(`the results have no row ${key}`)
    return row
  }
  const versionOf = (library) => versions.split(', ').find((each) => each.startsWith(`${library} `))
  const heads = ['', ...Object.keys(cellsOf(rowOf('ten-keys'))).map(versionOf)]
  const counts = Object.entries(COUNTS).map(([key, title]) => line([title, ...Object.values(cellsOf(rowOf(key)))]))
  const lists = Object.entries(SENTENCES).map(([key, title]) => `**${title}**\n\n${listOf(rowOf(key), '')}`)
  return [[line(heads), `|${'---|'.repeat(heads.length)}`, ...counts].join('\n'), ...lists].join('\n\n')
}
