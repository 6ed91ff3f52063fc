import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { circumstances } from '../test/support/circumstances.mjs'
import { withTables, wrap } from '../test/support/markdown.mjs'
import { root } from '../test/support/processes.mjs'
import { chosenBehaviour } from './report/behaviour.mjs'
import { scalingTables } from './report/scaling.mjs'
import { tableNames, tablesOf } from './report/tables.mjs'

const fileOf = (name, kind) => join(root, `bench/results/${name}.${kind}`)

/** The results of a name: arrays of flat records. */
export const read = (name) => JSON.parse(readFileSync(fileOf(name, 'json'), 'utf8'))

/** Under which circumstances something was measured, as a flat record. */
function madeOf({ command, packages, ...settings }) {
  const { versions, ...circumstance } = circumstances(command, packages)
  const list = Object.entries(versions).map((each) => each.join(' '))
  return { ...circumstance, versions: list.join(', '), ...settings }
}

function madeText({ part, date, command, node, cpu, versions, ...settings }) {
  const list = Object.entries(settings).map(([name, value]) => `${name}: ${value.toLocaleString('en-US')}`)
  const machine = [`Node ${node}`, cpu, date?.slice(0, 10)].filter(Boolean).join(', ')
  return wrap(`${machine}; ${[versions, ...list].join(', ')}. \`${command}\``)
}

/** The tables of the page of some results, and how these were made. */
function marksOf(name, results) {
  const made = results.made.map((each) => [each.part ? `made-${each.part}` : 'made', madeText(each)])
  return { ...tablesOf(name, results), ...Object.fromEntries(made) }
}

const withPage = () => tableNames.filter((name) => existsSync(fileOf(name, 'md')))

/** Every page that has figures in it, as it is and as the results make it. */
export function pages() {
  const made = Object.fromEntries(withPage().map((name) => [`bench/results/${name}.md`, marksOf(name, read(name))]))
  const [latest, whole, cost] = ['latest', 'whole', 'cost'].map((name) => tablesOf(name, read(name)))
  made['docs/performance.md'] = { aims: latest.aims, whole: whole.results, parts: cost.costs }
  made['docs/scaling.md'] = scalingTables(read)
  made['docs/comparison.md'] = { behaviour: chosenBehaviour(read('behaviour')) }
  return Object.entries(made).map(([file, tables]) => {
    const text = readFileSync(join(root, file), 'utf8')
    return { file, text, made: withTables(text, tables) }
  })
}

/** Makes all pages and charts again. */
export async function writePages() {
  for (const { file, text, made } of pages()) if (made !== text) writeFileSync(join(root, file), made)
  const { drawCharts } = await import('./report/charts.mjs')
  for (const [name, svg] of Object.entries(drawCharts(read('latest')))) writeFileSync(fileOf(name, 'svg'), svg)
}

const recordsText = ([name, records]) => `"${name}": [\n${records.map((record) => JSON.stringify(record)).join(',\n')}\n]`

/** Results as a file: one record a line. */
export const resultsText = (results) => `{\n${Object.entries(results).map(recordsText).join(',\n')}\n}\n`

/** Prints the tables of what was measured. Kept, it is also written to its file and every page; a part of a result leaves the others as they are. */
export async function report(name, made, tables, isKept) {
  const record = madeOf(made)
  console.log(Object.values(marksOf(name, { ...tables, made: [record] })).join('\n\n'))
  if (!isKept) return
  const before = made.part && existsSync(fileOf(name, 'json')) ? read(name) : { made: [] }
  const others = before.made.filter(({ part }) => part !== made.part)
  writeFileSync(fileOf(name, 'json'), resultsText({ ...before, ...tables, made: [...others, record] }))
  await writePages()
}
