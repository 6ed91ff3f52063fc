// `node scripts/security.mjs --write`: writes the lists of docs/security.md from test/attacks/registry; without --write, says whether they are right.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { attacks } from '../test/attacks/registry/attacks.mjs'
import { incidents } from '../test/attacks/registry/incidents.mjs'
import { requirements } from '../test/attacks/registry/requirements.mjs'
import { wrap } from '../test/support/markdown.mjs'
import { fail, root } from '../test/support/processes.mjs'

export { attacks, incidents, requirements }

const PAGE = 'docs/security.md'
const TITLE = /(?:\bt\.test\(|\bfuzzTest\(|\bname:)\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/g

const read = (file) => readFileSync(join(root, file), 'utf8')

/** The titles of the tests in a source; what is filled in when they run is `…`. */
export function titlesIn(text) {
  return [...text.matchAll(TITLE)].map(([, ...kinds]) =>
    kinds
      .find((title) => title !== undefined)
      .replace(/\\(.)/g, '$1')
      .replace(/\$\{[^}]*\}/g, '…'),
  )
}

/** The source of a reference: `test/http/merge` is test/http/merge.test.ts, or a file without `.test`. */
function sourceOf(name) {
  const found = [`${name}.test.ts`, `${name}.ts`].find((file) => existsSync(join(root, file)))
  if (found === undefined) throw new Error(`there is no ${name}.test.ts and no ${name}.ts`)
  return found
}

/** The file and the whole title of the one test that a reference names. Throws when there is none, or several. */
export function resolve([name, start]) {
  const file = sourceOf(name)
  const found = titlesIn(read(file)).filter((title) => title.startsWith(start))
  if (found.length !== 1 || start === '') throw new Error(`${file} has ${found.length} tests whose title begins with “${start}”`)
  return { file, title: found[0] }
}

/** A title without what tells its repetitions apart. */
const shown = (title) => title.replace(/ \(… stores?\)|^…: /g, '')
/** The title, and where the test is: a link of the whole title could not be wrapped. */
const link = (ref) => {
  const { file, title } = resolve(ref)
  return `${shown(title)} ([${file.replace(/^test\/|(\.test)?\.ts$/g, '')}](../${file}))`
}
const proofs = ({ attacks: numbers = [], tests = [] }) =>
  [...numbers.map((id) => `[attack ${id}](#attack-${id})`), ...tests.map(link)].join('; ')

/** What the standard asks, who does it, and what shows it: a list, for a table would be too wide to read. */
function requirementsPart() {
  const parts = []
  for (const each of requirements) {
    if (each.chapter) parts.push(`### ${each.chapter}`)
    const done = [
      ['The library', each.library],
      ['The application', each.application],
      ['Shown by', proofs(each)],
    ].filter(([, text]) => text)
    const items = done.map(([who, text]) => wrap(`${who}: ${text}.`, '- '))
    parts.push([wrap(`**${each.id}** (level ${each.level}) ${each.asks}.`), '', ...items].join('\n'))
  }
  return parts.join('\n\n')
}

function attacksPart() {
  const parts = []
  for (const each of attacks) {
    if (each.group) parts.push(`### ${each.group}\n`)
    const app = each.app ? ` *The application:* ${each.app}` : ''
    parts.push(`<a id="attack-${each.id}"></a>\n${wrap(`**${each.id}. ${each.attack}** ${each.holds}${app}`)}\n`)
    parts.push(`${each.tests.map((ref) => wrap(link(ref), '- ')).join('\n')}\n`)
  }
  return parts.join('\n').trimEnd()
}

const incidentsPart = () => incidents.map((each) => wrap(`${each.id}: ${each.what}. ${proofs(each)}`, '- ')).join('\n')

const recipesPart = () => `\`\`\`ts\n${read('test/attacks/recipes.ts').replace('../../index.ts', 'fastify-scs').trimEnd()}\n\`\`\``

const PARTS = { recipes: recipesPart, requirements: requirementsPart, attacks: attacksPart, incidents: incidentsPart }

/** The page with its generated parts as they should be; what stands around them is written by hand. */
export function generate(page) {
  let text = page
  for (const [name, part] of Object.entries(PARTS)) {
    const [start, end] = [`<!-- generated: ${name} -->\n`, '\n<!-- end -->']
    const from = text.indexOf(start)
    const to = text.indexOf(end, from)
    if (from < 0 || to < 0) throw new Error(`${PAGE} has no place for ${name}`)
    text = text.slice(0, from + start.length) + part() + text.slice(to)
  }
  return text
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const present = read(PAGE)
  const wanted = generate(present)
  if (process.argv.includes('--write')) writeFileSync(join(root, PAGE), wanted)
  else if (present !== wanted) fail(`${PAGE} is out of date: node scripts/security.mjs --write`)
}
