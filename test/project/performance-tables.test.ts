import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { root } from '../support/readme.ts'

interface Page {
  readonly file: string
  readonly text: string
  readonly made: string
}

const load = async <T>(file: string): Promise<T> => await import(pathToFileURL(join(root, file)).href)
const textOf = (file: string) => readFileSync(join(root, file), 'utf8')

const { pages, read, resultsText } = await load<{
  pages(): Page[]
  read(name: string): unknown
  resultsText(results: unknown): string
}>('bench/report.mjs')
const results = readdirSync(join(root, 'bench/results')).filter((file) => file.endsWith('.json'))

t.test('the tables of each page are what was measured and what follows from it', async (t) => {
  const made = pages()
  for (const { file, text, made: anew } of made) t.equal(text, anew, `npm run bench -- pages writes ${file}`)
  const expected = [
    'docs/performance.md',
    'docs/scaling.md',
    'docs/comparison.md',
    ...results.map((file) => `bench/results/${file.replace('json', 'md')}`),
  ]
  t.same(made.map(({ file }) => file).sort(), expected.sort())
})

t.test('the results have one record a line, and no record in another', async (t) => {
  for (const file of results) {
    const kept = read(file.replace('.json', ''))
    t.equal(textOf(`bench/results/${file}`), resultsText(kept), file)
    const records: unknown[] = Object.values(kept as object).flat()
    t.notOk(
      records.some((record) => Object.values(record as object).some((value) => typeof value === 'object')),
      file,
    )
  }
})

t.test('the charts that pages show are there', async (t) => {
  const shown = ['README.md', 'docs/performance.md'].flatMap((file) =>
    [...textOf(file).matchAll(/\(([^()\s]+\.svg)\)/g)].map(([, name = '']) => name),
  )
  t.ok(shown.length >= 2)
  for (const name of shown) t.ok(existsSync(join(root, name.replace('../', ''))), name)
})
