import { table } from '../../test/support/markdown.mjs'
import { CHOSEN } from './figures.mjs'
import { coreRows, paperRows, postgresRows, short } from './sums.mjs'

const figureRows = (figures) =>
  Object.values(figures).map(({ meaning, value, file }) => [meaning, short(value), `[${file}](../bench/results/${file}.md)`])

const chosenRows = () => Object.values(CHOSEN).map(({ meaning, value }) => [meaning, short(value)])

const conflictRows = (conflicts) =>
  conflicts.map(({ engine, title, refused, finds, updates, rate, own, p50, p99, node, database }) => [
    `${engine}, ${title}`,
    ...[rate, refused, finds, updates, p50, p99, own, node, database].map(short),
  ])

/** What the page says of them is written below the table. */
const CONFLICTS = ['', 'writes/s', '503', 'lookups', 'saves', 'p50 ms', 'p99 ms', 'own p99 ms', 'Node', 'database']

/** The tables of docs/scaling.md, by the name that their place in it has. */
export function tablesOf(figures, conflicts) {
  return {
    figures: table(['measured', 'value', 'from'], figureRows(figures)),
    chosen: table(['chosen', 'value'], chosenRows()),
    core: table(['what', 'sum', 'result'], coreRows(figures)),
    conflicts: table(CONFLICTS, conflictRows(conflicts)),
    paper: table(['what', 'sum', 'result'], paperRows(figures)),
    postgres: table(['what', 'sum', 'result'], postgresRows(figures)),
  }
}
