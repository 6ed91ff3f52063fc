const STATES = ['killed', 'timeout', 'survived', 'no coverage', 'equivalent', 'ignored']
const HEAD = ['file', 'score', ...STATES]

/** A mutant that is said to be equivalent is that, also where it ran and survived. */
const stateOf = ({ status, equivalent }) => (equivalent !== undefined && status === 'survived' ? 'equivalent' : status)

function counts(results) {
  const states = results.map(stateOf)
  return STATES.map((state) => states.filter((each) => each === state).length)
}

/** The share of mutants that the tests noticed, of those that they could notice, in percent. */
export function scoreOf(results) {
  const [killed, timeout, survived, uncovered] = counts(results)
  const noticed = killed + timeout
  const all = noticed + survived + uncovered
  return all === 0 ? 100 : (100 * noticed) / all
}

function rows(results) {
  const row = (name, some) => [name, `${scoreOf(some).toFixed(1)} %`, ...counts(some).map(String)]
  const files = [...new Set(results.map(({ file }) => file))].sort()
  const of = (name) => results.filter(({ file }) => file === name)
  return [HEAD, ...files.map((name) => row(name, of(name))), row('all', results)]
}

/** The score of each file, as text. */
export function table(results) {
  const line = ([name, ...cells]) => [name.padEnd(24), ...cells.map((cell) => cell.padStart(11))].join(' ')
  return rows(results).map(line).join('\n')
}

export const oneLine = (text) => text.replace(/\s+/g, ' ')
const code = (text) => (text.includes('`') ? `\`\` ${oneLine(text)} \`\`` : `\`${oneLine(text)}\``)
const inOrder = (a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column

function list(results, state) {
  const some = results.filter((result) => stateOf(result) === state).sort(inOrder)
  const why = ({ equivalent }) => (equivalent === undefined ? '' : `: ${equivalent}`)
  return some.map((mutant) => `- ${mutant.file}:${mutant.line} ${code(mutant.original)} → ${code(mutant.replacement)}${why(mutant)}\n`)
}

/** The whole report. */
export function markdown(results) {
  const [head, ...body] = rows(results).map((cells) => `| ${cells.join(' | ')} |`)
  const [killed, timeout, survived, uncovered, equivalent, ignored] = counts(results)
  const strict = (100 * (killed + timeout)) / (killed + timeout + survived + uncovered + equivalent)
  return `# Mutation testing

\`npm run mutation\` changes one place of \`index.ts\` or \`lib/\` at a time and sees whether the tests of \`test/lib\`, \`test/http\` and
\`test/fastify\` notice. The score is the share that they notice (a test fails, or does not end), of all but ${equivalent} equivalent mutants,
which no test could notice, and ${ignored} in the wording of errors and log lines, which are left out. Were the equivalent ones counted as
survivors, it would be ${strict.toFixed(1)} %.

${[head, head.replace(/[^|]+/g, ' --- '), ...body].join('\n')}

## Survived

${[...list(results, 'survived'), ...list(results, 'no coverage')].join('') || 'None.\n'}
## Equivalent

${list(results, 'equivalent').join('') || 'None.\n'}`
}
