import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { pagesIn, textOf } from '../support/pages.ts'
import { blocksOf, root } from '../support/readme.ts'

/** A recipe is read at one look. */
const MOST_LINES = 40

const pages = ['docs/recipes', 'docs/migrating'].filter((folder) => existsSync(join(root, folder))).flatMap(pagesIn)
const tests = readdirSync(join(root, 'test/neighbours')).filter((name) => name.endsWith('.test.ts'))
const texts = tests.map((name) => textOf(`test/neighbours/${name}`)).join('\n')

t.test('every program of a recipe is run by a test', async (t) => {
  for (const page of pages) {
    for (const { file, language } of blocksOf(page).filter(({ language }) => ['ts', 'js'].includes(language))) {
      t.ok(file, `${page}: each program of ${language} begins with a comment that names its file`)
      t.ok(texts.includes(`'${page.replace(/^docs\/|\.md$/g, '')}'`) && texts.includes(`'${file}'`), `${page}: ${file} is run`)
    }
  }
})

t.test('no program is longer than 40 lines', async (t) => {
  for (const page of pages) {
    const lengths = blocksOf(page).map(({ text }) => text.trimEnd().split('\n').length)
    t.ok(Math.max(0, ...lengths) <= MOST_LINES, `${page}: ${lengths}`)
  }
})
