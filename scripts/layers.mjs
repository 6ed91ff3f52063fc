// `npm run layers`: checks who imports whom. With `--write` it draws the floors of lib/ into CONTRIBUTING.md, which the check compares.
import { readFileSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { fail, filesBelow, root } from '../test/support/processes.mjs'
import { importsOf, withoutTexts } from './imports.mjs'
import { checkWorkshop, readFiles, readWorkshop } from './workshop.mjs'

const LONGEST = 200

/** Files that may be longer, each with its reason. */
const LONG = new Map([['stores/memory.ts', 'the whole contract beside its three indexes; apart they would have to share their inside']])

/** Tests that may be longer, each with its reason. */
const LONG_TESTS = new Map([
  ['test/attacks/registry/attacks.mjs', 'data: the attacks, from which docs/security.md is written'],
  ['test/attacks/registry/requirements.mjs', 'data: what the standard asks, from which docs/security.md is written'],
  ['test/types/augmented.test-d.ts', 'an augmentation is global to its program: a second file would repeat it'],
])

/** The rooms of a layer, and which of each other they may import. What is in none is the story at the top of `lib/`, or a store's face. */
const ROOMS = new Map([
  ['lib/options', []],
  ['lib/store', []],
  ['lib/data', ['lib/options']],
  ['lib/codecs/encrypted', []],
  ['lib/codecs/gob', ['lib/data']],
  ['lib/http', ['lib/options']],
  ['lib/adopt', ['lib/options', 'lib/http']],
  ['stores/shared', []],
  ['stores/sql', ['stores/shared']],
  ['stores/redis', ['stores/shared']],
  ['stores/postgres', ['stores/shared', 'stores/sql']],
  ['stores/mysql', ['stores/shared', 'stores/sql']],
  ['stores/lmdb', ['stores/shared']],
  ['stores/sqlite', ['stores/shared']],
  ['stores/express', ['stores/shared']],
  ['stores/conformance', []],
])

/** What all rooms of `lib/` may import of its top. */
const COMMON = new Set(['lib/errors.ts', 'lib/token.ts'])

/** What `lib/plan.ts` may use at run time: files that only compute. */
const PURE = new Set(['lib/options/durations.ts'])

const FASTIFY = new Set(['fastify', 'fastify-plugin'])
const IO = new Set(['fs', 'net', 'http', 'https', 'http2', 'tls', 'dgram', 'dns', 'child_process', 'worker_threads', 'cluster'])
const VERB = /\.#?store\??\.(find|create|update|rename|touch|delete|deleteOwnedBy|all|ownedBy|count|deleteExpired)\(/g

const ANY = /(?<![.\w$#])any\b(?!\s*(?:\??:|\())/g
const RUNS = /^export\s+(?:default|const|let|var|class|enum|(?:async\s+)?function)\b/gm

const folderOf = (file) => file.slice(0, file.lastIndexOf('/'))
/** The command: a room of lib/ by its place, but a layer of its own, for it stands above the stores, as index.ts does. */
const CLI = 'lib/cli'
const layerOf = (file) => {
  if (file.startsWith(`${CLI}/`)) return CLI
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : 'index.ts'
}
const packageOf = (name) => /^(@[^/]+\/)?[^/]+/.exec(name)[0]
const doesIo = (name) => isBuiltin(name) && IO.has(name.replace('node:', '').split('/')[0])

/** Which of our layers a layer may import. */
const MAY = {
  types: ['types'],
  lib: ['lib', 'types'],
  stores: ['stores', 'types'],
  [CLI]: [CLI, 'lib', 'stores', 'types'],
  'index.ts': ['lib', 'stores', 'types'],
}

function refuseOwn({ from, to, kind }) {
  const layer = layerOf(from)
  if (!MAY[layer].includes(layerOf(to))) return `${layer} must not import ${layerOf(to)}`
  if (layer === 'types' && kind === 'run') return 'types imports types only, with `import type`'
  const [room, other] = [folderOf(from), folderOf(to)]
  if (ROOMS.has(room) && layer === layerOf(to) && room !== other && !ROOMS.get(room).includes(other) && !COMMON.has(to))
    return `the room ${room} must not import ${ROOMS.has(other) ? other : to}`
  if (from === 'lib/plan.ts' && kind === 'run' && !PURE.has(to)) return 'the plan is pure'
}

function refusePackage({ from, to, kind }) {
  const layer = layerOf(from)
  if (layer === 'index.ts') return undefined
  if (FASTIFY.has(packageOf(to))) return 'only index.ts knows Fastify'
  if (layer === 'types' && kind === 'run') return 'types imports types only, with `import type`'
  if (layer === 'lib' && doesIo(to)) return 'lib does no I/O'
  if (from === 'lib/plan.ts' && kind === 'run') return 'the plan is pure'
}

/** The first cycle, of types too, as the files that it goes through. */
function cycleIn(imports) {
  const edges = new Map()
  for (const edge of imports) edges.set(edge.from, [...(edges.get(edge.from) ?? []), edge])
  const done = new Set()
  function visit(file, path) {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return undefined
    for (const { to } of edges.get(file) ?? []) {
      const cycle = visit(to, [...path, file])
      if (cycle) return cycle
    }
    done.add(file)
  }
  for (const file of edges.keys()) {
    const cycle = visit(file, [])
    if (cycle) return cycle
  }
}

const lineOf = (text, index) => text.slice(0, index).split('\n').length

/** Where a pattern occurs in the code of a file, as problems. */
const places = (file, code, pattern, say) =>
  [...code.matchAll(pattern)].map((match) => `${file}:${lineOf(code, match.index)}: ${say(match)}`)

function refuseText(file, text) {
  const code = withoutTexts(text)
  const lines = text.trimEnd().split('\n').length
  const problems = places(file, code, ANY, () => 'any')
  if (lines > LONGEST && !LONG.has(file)) problems.push(`${file}: ${lines} lines, more than ${LONGEST}`)
  if (layerOf(file) === 'types') problems.push(...places(file, code, RUNS, () => 'types holds interfaces only'))
  if (layerOf(file) === 'lib' && file !== 'lib/store/client.ts')
    problems.push(...places(file, code, VERB, ([, verb]) => `only lib/store/client.ts calls a store's ${verb}`))
  return problems
}

/**
 * Checks the layers of a tree, given as a Map of file name (`lib/plan.ts`) to text. Returns the number of imports and what breaks a rule.
 */
export function checkLayers(files) {
  const imports = [...files].flatMap(([file, text]) => importsOf(file, text))
  const problems = [...files].flatMap(([file, text]) => refuseText(file, text))
  for (const each of imports) {
    const missing = each.ours && !files.has(each.to) ? 'there is no such file' : undefined
    const refused = missing ?? (each.ours ? refuseOwn(each) : refusePackage(each))
    if (refused) problems.push(`${each.from}: imports ${each.to}: ${refused}`)
  }
  const cycle = cycleIn(imports.filter(({ ours }) => ours))
  if (cycle) problems.push(`cycle: ${cycle.join(' -> ')}`)
  return { imports: imports.length, problems }
}

/** The tests of a Map of file name to text that are too long. */
export function longTests(files) {
  const tests = [...files].filter(([file]) => file.startsWith('test/'))
  const lengths = tests.map(([file, text]) => [file, text.trimEnd().split('\n').length])
  const long = lengths.filter(([file, lines]) => lines > LONGEST && !LONG_TESTS.has(file))
  return long.map(([file, lines]) => `${file}: ${lines} lines, more than ${LONGEST}`)
}

/** A room of `lib/` is one place, a file of its top another. */
const placeOf = (file) => (ROOMS.has(folderOf(file)) ? `${folderOf(file)}/` : file)

/** The places of `index.ts` and `lib/` by floors, from the top: each imports places of lower floors alone. Types are the ground. */
export function floorsOf(files) {
  const below = new Map()
  const names = [...files.keys()].filter((file) => ['lib', 'index.ts'].includes(layerOf(file)))
  for (const name of names) below.set(placeOf(name), new Set())
  for (const { from, to } of [...files].flatMap(([file, text]) => importsOf(file, text)))
    if (below.has(placeOf(to)) && placeOf(from) !== placeOf(to)) below.get(placeOf(from))?.add(placeOf(to))
  const floorOf = (place) => 1 + Math.max(0, ...[...below.get(place)].map(floorOf))
  const places = [...below.keys()].map((place) => [place, floorOf(place)])
  const height = Math.max(...places.map(([, floor]) => floor))
  return Array.from({ length: height }, (_, i) => places.flatMap(([place, floor]) => (floor === height - i ? [place] : [])))
}

const MARK = ['<!-- floors -->\n', '<!-- /floors -->\n']
const WIDTH = 100

/** The floors as text, a line or more each. */
export function pictureOf(files) {
  const floors = floorsOf(files)
  const lines = floors.flatMap((names, i) => {
    const short = names.map((name) => name.replace(/^lib\//, '').replace(/\.ts$/, '')).sort()
    const rows = ['']
    for (const name of short) {
      if (rows.at(-1).length + name.length + 2 > WIDTH) rows.push('')
      rows.push(`${rows.pop()}  ${name}`)
    }
    return rows.map((row, n) => `${n === 0 ? String(floors.length - i).padStart(2) : '  '}${row}`)
  })
  return `\`\`\`\n${lines.join('\n')}\n\`\`\`\n`
}

/** The text of CONTRIBUTING.md with the floors as they are. */
export function withPicture(text, files) {
  const [from, to] = [text.indexOf(MARK[0]) + MARK[0].length, text.indexOf(MARK[1])]
  return `${text.slice(0, from)}${pictureOf(files)}${text.slice(to)}`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const files = readFiles(['index.ts', ...['lib', 'stores', 'types'].flatMap(filesBelow)].filter((name) => name.endsWith('.ts')))
  const { imports, problems } = checkLayers(files)
  const workshop = readWorkshop()
  problems.push(...checkWorkshop(workshop), ...longTests(workshop))
  const page = join(root, 'CONTRIBUTING.md')
  const text = readFileSync(page, 'utf8')
  if (process.argv.includes('--write')) writeFileSync(page, withPicture(text, files))
  else if (text !== withPicture(text, files)) problems.push('CONTRIBUTING.md: the floors have changed: npm run layers -- --write')
  console.log(
    'layers: who imports whom, rooms, a pure plan, one caller of the store, no circle, no any, no long file, no workshop in another',
  )
  if (problems.length > 0) fail(problems.join('\n'))
  else console.log(`${files.size} files, ${imports} imports, layers hold`)
}
