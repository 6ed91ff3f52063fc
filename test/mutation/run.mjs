import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { excused, lostEntries } from './equivalent.mjs'
import { instrument, mutableFiles } from './instrument.mjs'
import { Judge, prepareBench } from './judge.mjs'

const REPORT = fileURLToPath(new URL('report.md', import.meta.url))
/** What became of each mutant, kept for the next run. */
const RESULTS = fileURLToPath(new URL('build/results.json', import.meta.url))
const WORKERS = 2
/** In percent. */
const LEAST_SCORE = 95

/**
 * Judges the mutants of some files, or of all, and writes the report. With `again` what an earlier run killed counts as killed, so that only
 * its survivors run; with `doubt` the mutants that are said to be equivalent run as well. Gives what is wrong with the outcome, or ''.
 */
export async function mutate(names, { again, doubt }) {
  const lost = lostEntries()
  if (lost.length > 0) throw new Error(lost.join('\n'))
  const mutants = excused(await instrument(chosen(names)))
  const bench = await prepareBench()
  const before = again ? earlier() : new Map()
  const results = []
  await inParallel(
    mutants,
    new Array(WORKERS).fill().map(() => new Judge(bench)),
    async (mutant, judge) => {
      const result = { ...mutant, ...(settled(mutant, before.get(mutant.key), doubt) ?? (await judge.judge(mutant))) }
      results.push(result)
      if (isNews(result)) console.log(told(result))
      if (results.length % 50 === 0) keep(results)
    },
  )
  const all = keep(results)
  console.log(table(results))
  if (mutableFiles().every((name) => all.some(({ file }) => file === name))) writeFileSync(REPORT, markdown(all))
  return complaint(results)
}

/** The files of these names: `lib/data/edits.ts`, `data/edits` or `edits`. */
function chosen(names) {
  const files = mutableFiles()
  if (names.length === 0) return files
  const named = (name) => files.filter((file) => `/${file}`.endsWith(`/${name.replace(/\.ts$/, '')}.ts`))
  const unknown = names.filter((name) => named(name).length === 0)
  if (unknown.length > 0) throw new Error(`there is no file ${unknown.join(', ')}; there are ${files.join(', ')}`)
  return [...new Set(names.flatMap(named))]
}

async function inParallel(items, workers, work) {
  const left = [...items]
  const lane = async (worker) => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item, worker)
    worker.close()
  }
  await Promise.all(workers.map(lane))
}

/** What is known of a mutant without running it. */
function settled({ ignored, equivalent }, before, doubt) {
  if (ignored) return { status: 'ignored' }
  if (equivalent) return doubt ? undefined : { status: 'equivalent' }
  return isDead(before) ? { status: before.status, by: before.by } : undefined
}

const isDead = (result) => result?.status === 'killed' || result?.status === 'timeout'
const isWrong = (result) => result.equivalent !== undefined && isDead(result)
const isNews = (result) => isWrong(result) || (['survived', 'no coverage'].includes(result.status) && result.equivalent === undefined)

function told({ file, line, column, original, replacement, status, equivalent }) {
  const change = [original, replacement].map((text) => oneLine(text).slice(0, 110)).join('  ->  ')
  return `${equivalent === undefined ? status : `${status}, so not equivalent:`} ${file}:${line}:${column} ${change}`
}

function complaint(results) {
  if (results.some(isWrong)) return 'some mutants that are said to be equivalent are not'
  const score = scoreOf(results)
  return score < LEAST_SCORE ? `the score is ${score.toFixed(1)} %, less than ${LEAST_SCORE} %` : ''
}

/** Puts results in the place of the earlier ones of their files. */
function keep(results) {
  const judged = new Set(results.map(({ file }) => file))
  const all = [...[...earlier().values()].filter(({ file }) => !judged.has(file)), ...results]
  writeFileSync(RESULTS, JSON.stringify(all))
  return all
}

function earlier() {
  try {
    return new Map(JSON.parse(readFileSync(RESULTS, 'utf8')).map((result) => [result.key, result]))
  } catch {
    return new Map()
  }
}

const STATES = ['killed', 'timeout', 'survived', 'no coverage', 'equivalent', 'ignored']
const HEAD = ['file', 'score', ...STATES]

/** A mutant that is said to be equivalent is that, also where it ran and survived. */
const stateOf = ({ status, equivalent }) => (equivalent !== undefined && status === 'survived' ? 'equivalent' : status)

function counts(results) {
  const states = results.map(stateOf)
  return STATES.map((state) => states.filter((each) => each === state).length)
}

/** The share of mutants that the tests noticed, of those that they could notice, in percent. */
function scoreOf(results) {
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
function table(results) {
  const line = ([name, ...cells]) => [name.padEnd(24), ...cells.map((cell) => cell.padStart(11))].join(' ')
  return rows(results).map(line).join('\n')
}

const oneLine = (text) => text.replace(/\s+/g, ' ')
const code = (text) => (text.includes('`') ? `\`\` ${oneLine(text)} \`\`` : `\`${oneLine(text)}\``)
const inOrder = (a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column

function list(results, state) {
  const some = results.filter((result) => stateOf(result) === state).sort(inOrder)
  const why = ({ equivalent }) => (equivalent === undefined ? '' : `: ${equivalent}`)
  return some.map((mutant) => `- ${mutant.file}:${mutant.line} ${code(mutant.original)} → ${code(mutant.replacement)}${why(mutant)}\n`)
}

/** The whole report. */
function markdown(results) {
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
