import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { root } from '../support/readme.ts'

type Tables = Record<string, string>

const load = async <T>(file: string): Promise<T> => await import(pathToFileURL(join(root, file)).href)
const textOf = (file: string) => readFileSync(join(root, file), 'utf8')

const { page } = await load<{ page(text: string): string }>('bench/performance.mjs')
const { tablesOf, withTables } = await load<{
  tablesOf(figures: unknown, conflicts: unknown): Tables
  withTables(page: string, tables: Tables): string
}>('bench/scaling/page.mjs')
const { readConflicts, readFigures } = await load<{ readConflicts(): unknown; readFigures(): unknown }>('bench/scaling/figures.mjs')

t.test('the tables of docs/performance.md are what was measured', async (t) => {
  t.equal(textOf('docs/performance.md'), page(textOf('docs/performance.md')), 'node bench/performance.mjs writes them')
})

t.test('the tables of docs/scaling.md are what was measured and what follows from it', async (t) => {
  const text = textOf('docs/scaling.md')
  t.equal(text, withTables(text, tablesOf(readFigures(), readConflicts())), 'node bench/scaling.mjs writes them')
})

t.test('the charts that pages show are there', async (t) => {
  const shown = ['README.md', 'docs/performance.md'].flatMap((file) =>
    [...textOf(file).matchAll(/\(([^()\s]+\.svg)\)/g)].map(([, name = '']) => name),
  )
  t.ok(shown.length >= 2)
  for (const name of shown) t.ok(existsSync(join(root, name.replace('../', ''))), name)
})
