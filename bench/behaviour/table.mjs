/** The tables, made of the results and of nothing else. */

/** The rows that the README shows, and what it calls them. */
const README_ROWS = [
  ['ten-keys', 'ten requests at once put a key each: keys kept'],
  ['orders-write', 'a write beside a read or a write, in every order of their store calls: writes lost'],
  ['orders-logout', 'a logout beside another request, in every order: old cookie logged in afterwards'],
  ['orders-login', 'a login with a new token beside another request, in every order: the same'],
  ['store-fails', 'the store fails'],
  ['store-hangs', 'the store hangs: is there an answer'],
  ['login-fails', 'the save of a login fails'],
  ['spoilt', 'nine kinds of rows that cannot be read: what becomes of the visitor'],
  ['at-rest', 'is the token in the store, in the clear'],
]

/** Begins and ends the part of a page that is made of the results. */
const BEGIN = '<!-- behaviour:begin -->'
const END = '<!-- behaviour:end -->'

const line = (cells) => `| ${cells.join(' | ')} |`

const headOf = ({ libraries }) => libraries.map(({ name, version }) => `${name} ${version}`)

const ruleOf = (columns) => `|${'---|'.repeat(columns)}`

/** All rows, numbered. */
function wholeTable(results) {
  const heads = ['', '', ...headOf(results)]
  const rows = results.rows.map(({ ask, cells }, index) => line([index + 1, ask, ...cells]))
  return [line(heads), ruleOf(heads.length), ...rows].join('\n')
}

/** Those rows that the README shows. */
function readmeTable(results) {
  const heads = ['', ...headOf(results)]
  const rows = README_ROWS.map(([key, title]) => line([title, ...cellsOf(results, key)]))
  return [line(heads), ruleOf(heads.length), ...rows].join('\n')
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
  return `${page.slice(0, from)}${BEGIN}\n${readmeTable(results)}\n${page.slice(to)}`
}

/** The page of all rows. */
export function pageOf(results) {
  const frameworks = results.frameworks.map(({ name, version }) => `${name} ${version}`).join(', ')
  return `# Behaviour compared

\`node bench/behaviour.mjs\`, after \`npm run build\` and \`npm ci --prefix bench\`.

What was observed, not what anybody claims. The store is in memory, takes 2 ms an operation, and is made to fail or to hang.
Requests go through \`inject\` for the Fastify plugins and over http for express-session. **Bold** is what hurts somebody.
${frameworks}, Node ${results.node}, no error handlers but the frameworks' own, \`NODE_ENV=production\`, in which Express keeps
error texts from clients.

Where a row does not say otherwise, all have an idle timeout of 20 minutes and \`secure: false\`, and the peers are configured leanly:
\`saveUninitialized: false\`, \`resave: false\`, \`rolling: false\`, and \`httpOnly: true\` for @mgcrea/fastify-session. What
they do by default writes more, which has a row of its own.

In the rows about orders, two requests run at once and every call of the store waits until it is its turn; all sequences of turns
are gone through. Their number depends on how many calls a library makes.

${wholeTable(results)}
`
}
