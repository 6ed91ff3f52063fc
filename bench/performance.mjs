// `node bench/performance.mjs`: makes the tables of docs/performance.md anew, from what bench/results/ holds; nothing is measured.
import { readFileSync, writeFileSync } from 'node:fs'
import { table, withTables } from '../test/support/markdown.mjs'
import { aimTable } from './report.mjs'

const read = (name) => JSON.parse(readFileSync(new URL(`results/${name}.json`, import.meta.url), 'utf8'))

/** What a whole request costs without a network, beside @fastify/cookie. */
function wholeTable({ results }) {
  const base = (name) => results.find((each) => each.case === name && each.variant === 'with @fastify/cookie').ns
  const rows = results.map((each) => [each.case, each.variant, each.ns.toFixed(0), (each.ns - base(each.case)).toFixed(0)])
  return table(['case', 'variant', 'ns', 'beyond @fastify/cookie'], rows)
}

function partsTable({ costs }) {
  return table(
    ['part', 'ns, median', 'ns, best'],
    costs.map(({ name, median, min }) => [name, median.toFixed(0), min.toFixed(0)]),
  )
}

/** The tables, by the name of their place on the page. */
export const tables = () => ({ aims: aimTable(read('latest').cases), whole: wholeTable(read('whole')), parts: partsTable(read('cost')) })

export const page = (text) => withTables(text, tables())

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const PAGE = new URL('../docs/performance.md', import.meta.url)
  writeFileSync(PAGE, page(readFileSync(PAGE, 'utf8')))
}
