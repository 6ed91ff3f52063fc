import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { root } from './support/readme.ts'

interface Results {
  libraries: readonly { name: string; version: string }[]
  rows: readonly { key: string; cells: string[] }[]
}

interface Tables {
  withTable(page: string, results: Results): string
  pageOf(results: Results): string
}

const { withTable, pageOf }: Tables = await import(pathToFileURL(join(root, 'bench/behaviour/table.mjs')).href)

const textOf = (file: string) => readFileSync(join(root, file), 'utf8')
const results: Results = JSON.parse(textOf('bench/results/behaviour.json'))
const readme = textOf('README.md')

t.test('the table of comparisons in the README is what was observed, and so is the page with all rows', async (t) => {
  t.equal(readme, withTable(readme, results), 'node bench/behaviour.mjs writes it')
  t.equal(textOf('bench/results/behaviour.md'), pageOf(results))
})

t.test('another observation makes another table, and nothing else of the page changes', async (t) => {
  const changed = structuredClone(results)
  changed.rows.find(({ key }) => key === 'ten-keys')?.cells.fill('none of them')
  const before = readme.split('\n')
  const after = withTable(readme, changed).split('\n')
  t.equal(after.length, before.length)
  const different = after.filter((line, index) => line !== before[index])
  t.equal(different.length, 1)
  t.match(different[0], /( \| none of them){4} \|$/)
})

t.test('each row has a cell for each library, of which there are four', async (t) => {
  t.equal(results.libraries.length, 4)
  for (const { key, cells } of results.rows) t.equal(cells.filter(Boolean).length, 4, key)
})

t.test('a page without a place for the table, and results without a row that the README shows, are refused', async (t) => {
  t.throws(() => withTable('# A page', results), { message: /no <!-- behaviour:begin -->/ })
  t.throws(() => withTable(readme, { ...results, rows: [] }), { message: /no row ten-keys/ })
})
