import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesBelow, root } from '../test/support/processes.mjs'

// A list of test/mutants has parts by rule, each a comment and its mutants, separated by empty lines. A mutant:
//
//     031-no-retry
//     fault: A conflict is a 503 at once.
//     from: rule 3
//     breaks: Rule 3: reload, apply the edits again, retry within the budget.
//     kills: concurrency-updates
//     lib/commit.ts
//     - const MAX_TRIES = 1000
//     + const MAX_TRIES = 1
//
// `- ` begins a line that goes, `+ ` one that comes in its place, two spaces one that stays. The lines that go or stay must stand in the file
// exactly once, at any indentation: take no more than that needs. A further replacement begins with the name of its file again.

export const FOLDER = 'test/mutants'

const FIELDS = ['fault', 'from', 'breaks', 'kills']

/** A mutant changes the library alone. */
const FILE = /^(index\.ts|(lib|stores)\/\S+\.ts)$/

/** All mutants, by number. `list` is the file that each is from. */
export function readMutants() {
  const mutants = readdirSync(join(root, FOLDER)).flatMap((list) =>
    readList(readFileSync(join(root, FOLDER, list), 'utf8')).map((mutant) => ({ ...mutant, list })),
  )
  return mutants.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Reads a list, without its comment. Throws where a mutant is not complete. */
export function readList(text) {
  const blocks = text.trim().split(/\n{2,}/)
  return blocks.filter((block) => !block.startsWith('#')).map(readMutant)
}

function readMutant(block) {
  const [name, ...lines] = block.split('\n')
  const mutant = { name, replacements: [] }
  for (const line of lines) readLine(mutant, line)
  const missing = FIELDS.filter((field) => !mutant[field])
  if (missing.length > 0) throw new Error(`${name} lacks ${missing.join(', ')}`)
  const { replacements } = mutant
  if (replacements.length === 0 || replacements.some(isIdle)) throw new Error(`${name} replaces nothing`)
  return { ...mutant, kills: mutant.kills.split(' ') }
}

const isIdle = ({ before, after }) => before.length === 0 || before.join('\n') === after.join('\n')

function readLine(mutant, line) {
  const [, field, value] = /^(\w+): (.*)$/.exec(line) ?? []
  const [, sign, text = ''] = /^([-+ ])(?: (.*))?$/.exec(line) ?? []
  const replacement = mutant.replacements.at(-1)
  if (FIELDS.includes(field)) mutant[field] = value
  else if (FILE.test(line)) mutant.replacements.push({ file: line, before: [], after: [] })
  else if (sign === undefined || replacement === undefined)
    throw new Error(`${mutant.name} has a line that is no field, file or replacement: ${line}`)
  else {
    if (sign !== '+') replacement.before.push(text)
    if (sign !== '-') replacement.after.push(text)
  }
}

/** The files that a mutant changes, as a Map of file to text. Throws where its lines do not stand exactly once. */
export function applyMutant({ replacements }, read) {
  const changed = new Map()
  for (const { file, before, after } of replacements) {
    const lines = (changed.get(file) ?? read(file)).split('\n')
    const [place, ...others] = placesOf(before, lines)
    if (place === undefined) throw new Error(`${file} has no longer\n${before.join('\n')}`)
    if (others.length > 0) throw new Error(`${file} has in several places\n${before.join('\n')}`)
    lines.splice(place.at, before.length, ...after.map((line) => indented(line, place.indent)))
    changed.set(file, lines.join('\n'))
  }
  return changed
}

/** Where the texts stand among the lines, and how far they are indented there. */
function placesOf(texts, lines) {
  const places = [...lines.keys()].map((at) => ({ at, indent: lines[at].slice(0, Math.max(0, lines[at].length - texts[0].length)) }))
  return places.filter(({ at, indent }) => indent.trim() === '' && texts.every((text, i) => lines[at + i] === indented(text, indent)))
}

const indented = (text, indent) => (text === '' ? '' : indent + text)

/** What is wrong with a mutant on the checkout as it is, or undefined. */
export function problemOf(mutant) {
  try {
    applyMutant(mutant, (file) => readFileSync(join(root, file), 'utf8'))
    mutant.kills.map(killerFile)
    return undefined
  } catch (error) {
    return `${mutant.list}: ${mutant.name}: ${error.message}`
  }
}

/** The test file that a killer names: `timeouts`, or `http/timeouts` where there are several of the name. */
export function killerFile(killer) {
  const found = testFiles().filter((file) => `/${file}`.endsWith(`/${killer}.test.ts`))
  if (found.length !== 1) throw new Error(`${found.length === 0 ? 'no test is' : 'several tests are'} called ${killer}`)
  return found[0]
}

let tests

/** Read once, and without the copies that `npm run mutation` works on, and may have left there. */
function testFiles() {
  tests ??= filesBelow('test').filter((name) => !name.startsWith('test/mutation/'))
  return tests
}
