/** The tables and lists, made of the results and of nothing else. */
import { wrap, wrapPage } from '../../test/support/markdown.mjs'

/** The rows that docs/comparison.md shows as a table, and what it calls them. */
const COUNTS = [
  ['ten-keys', 'ten requests at once put a key each: keys kept'],
  ['orders-write', 'a write beside a read or a write, in every order: writes lost'],
  ['orders-logout', 'a logout beside a request, in every order: old cookie works'],
  ['orders-login', 'a login with a new token, in every order: the same'],
]

/** Those that it shows as lists, for what was observed of them is long. */
const SENTENCES = [
  ['store-fails', 'The store fails'],
  ['store-hangs', 'The store hangs: is there an answer'],
  ['login-fails', 'The save of a login fails'],
  ['spoilt', 'Nine kinds of rows that cannot be read: what becomes of the visitor'],
  ['at-rest', 'Is the token in the store, in the clear'],
]

/** Begins and ends the part of a page that is made of the results. */
const BEGIN = '<!-- behaviour:begin -->'
const END = '<!-- behaviour:end -->'

const line = (cells) => `| ${cells.join(' | ')} |`

const headOf = ({ libraries }) => libraries.map(({ name, version }) => `${name} ${version}`)

const ruleOf = (columns) => `|${'---|'.repeat(columns)}`

/** What was observed of each library, one below the other. */
const observed = (cells, { libraries }, indent) =>
  cells.map((cell, index) => wrap(`${libraries[index].name}: ${cell}`, `${indent}- `)).join('\n')

/** All rows, numbered. */
function wholeList(results) {
  const rows = results.rows.map(({ ask, cells }, index) => {
    const number = `${index + 1}. `
    return `${wrap(ask, number)}\n${observed(cells, results, ' '.repeat(number.length))}`
  })
  return rows.join('\n')
}

/** Those rows that docs/comparison.md shows. */
function chosenRows(results) {
  const heads = ['', ...headOf(results)]
  const rows = COUNTS.map(([key, title]) => line([title, ...cellsOf(results, key)]))
  const lists = SENTENCES.map(([key, title]) => `**${title}**\n\n${observed(cellsOf(results, key), results, '')}`)
  return [[line(heads), ruleOf(heads.length), ...rows].join('\n'), ...lists].join('\n\n')
}

function cellsOf({ rows }, key) {
  const row = rows.find((each) => each.key === key)
  if (row === undefined) throw new Error(`the results have no row ${key}`)
  return row.cells
}

/** A page with its table made anew. */
export function withTable(page, results) {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (from < 0 || to < from) throw new Error(`the page has no ${BEGIN} and ${END}`)
  return `${page.slice(0, from)}${BEGIN}\n${chosenRows(results)}\n${page.slice(to)}`
}

/** The page of all rows. */
export function pageOf(results) {
  const versions = [...results.frameworks, ...results.libraries].map(({ name, version }) => `${name} ${version}`).join(', ')
  return wrapPage(`# Behaviour compared

\`node bench/behaviour.mjs\`, after \`npm run build\` and \`npm ci --prefix bench\`.

What was observed, not what anybody claims. The store is in memory, takes 2 ms an operation, and is made to fail or to
hang.
Requests go through \`inject\` for the Fastify plugins and over http for express-session. **Bold** is what hurts somebody.
No error handlers but the frameworks' own, \`NODE_ENV=production\`, in which Express keeps error texts from clients.
${versions}, Node ${results.node}.

Where a row does not say otherwise, all have an idle timeout of 20 minutes and \`secure: false\`, and the peers are
configured leanly: \`saveUninitialized: false\`, \`resave: false\`, \`rolling: false\`, and \`httpOnly: true\` for
@mgcrea/fastify-session. What they do by default writes more, which has a row of its own.

In the rows about orders, two requests run at once and every call of the store waits until it is its turn; all sequences
of turns are gone through. Their number depends on how many calls a library makes.

${wholeList(results)}
`)
}
