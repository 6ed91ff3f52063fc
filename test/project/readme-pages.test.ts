import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { anchorsOf, joined, linksOf, longLines, openingOf, pagesIn, proseOf, textOf } from '../support/pages.ts'
import { blocksOf, root } from '../support/readme.ts'

const INDEX = 'docs/README.md'
const all = pagesIn('.')
const docs = pagesIn('docs').filter((page) => page !== INDEX)
const isDecision = (page: string) => page.startsWith('docs/decisions/')

t.test('the README is read to the end, and the quick start is seen at once', async (t) => {
  const lines = textOf('README.md').trimEnd().split('\n')
  t.ok(lines.length <= 140, `${lines.length} lines`)
  const start = lines.indexOf('// quick-start.mjs') + 1
  t.ok(start > 0 && start <= 20, `line ${start}`)
})

t.test('the index has every page of docs/, with the sentence that says who needs it', async (t) => {
  const index = joined(textOf(INDEX))
  for (const page of docs.filter((each) => !isDecision(each))) {
    const { title, sentence } = openingOf(textOf(page))
    t.match(sentence, /^For whoever .*[^.]\.$/, page)
    t.match(index, `- [${title}](${page.replace('docs/', '')}). ${sentence}`)
  }
  for (const page of docs.filter(isDecision)) {
    const [, number = '', title = ''] = /^(\d+)\. (.*)$/.exec(openingOf(textOf(page)).title) ?? []
    t.match(index, `- [${number}](${page.replace('docs/', '')}): ${title}`)
  }
  t.equal([...index.matchAll(/ - \[/g)].length, docs.length, 'and no other')
  t.match(openingOf(textOf(INDEX)).sentence, /^For whoever /)
})

t.test('each link in Markdown leads to a file, and to a heading of it', async (t) => {
  for (const page of all) {
    for (const link of linksOf(textOf(page))) {
      const [path = '', anchor] = decodeURI(link).split('#')
      const target = path === '' ? page : join(dirname(page), path).replaceAll('\\', '/')
      if (!existsSync(join(root, target))) t.fail(`${page}: ${link} leads to no file`)
      else if (anchor !== undefined && !anchorsOf(textOf(target)).has(anchor)) t.fail(`${page}: ${link} leads to no heading`)
    }
  }
  t.ok(all.flatMap((page) => linksOf(textOf(page))).length > 300)
})

/** Pages outside the promise: what a program writes of the code's own expressions cannot be broken. */
const AS_LONG_AS_THE_CODE = ['test/mutation/report.md']

t.test('no line of Markdown is longer than 120 characters, but for one word, one link or one span of code', async (t) => {
  for (const page of all.filter((each) => !AS_LONG_AS_THE_CODE.includes(each))) t.same(longLines(textOf(page), 120), [], page)
})

t.test('each item of a list is a line of its own: no tool that breaks lines has run them together', async (t) => {
  for (const page of all) t.notMatch(proseOf(textOf(page)), /\S - \*\*|\s-$/m, page)
})

t.test('the commands that pages name exist', async (t) => {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(textOf('package.json'))
  for (const page of all) {
    const shell = blocksOf(page).filter(({ language }) => language === 'sh')
    const inline = [...proseOf(textOf(page)).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
    const commands = [...shell.map(({ text }) => text), ...inline].join('\n')
    for (const [, name = ''] of commands.matchAll(/\bnpm (?:run )?(start|test|(?<=run )[\w-]+)/g))
      t.ok(scripts[name], `${page}: npm run ${name}`)
    for (const [, file = ''] of commands.matchAll(/\bnode (?:--[\w-]+ )*((?:bench|scripts)\/[\w/.-]+\.mjs)/g)) {
      t.ok(existsSync(join(root, file)), `${page}: node ${file}`)
    }
  }
})

t.test('what makes a line long, and where a link leads, is seen', async (t) => {
  const long = 'a word and '.repeat(12)
  const link = `[${long}](some/page.md)`
  t.same(longLines(`${long}\n| ${long} |\n- ${link}\n  ${link}\n\`${long}\`\n${'x'.repeat(130)}\nsee ${link}`, 120), [
    long,
    `| ${long} |`,
    `see ${link}`,
  ])
  const page = '# A `code` title, and *more*\n\n## Same\n\n## Same\n\n<a id="here"></a>\n\n```sh\n# no heading\n[no](link.md)\n```\n'
  t.same([...anchorsOf(page)], ['a-code-title-and-more', 'same', 'same-1', 'here'])
  t.same(linksOf(`${page}[a](b.md#c) [web](https://a.example) ![chart](d.svg) \`[code](e.md)\` [two\nlines](f.md)`), [
    'b.md#c',
    'd.svg',
    'f.md',
  ])
})
