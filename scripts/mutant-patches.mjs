import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './support.mjs'

export const FOLDER = 'test/mutants'

/** What a patch says of itself before its first hunk, each in a line `# field: text`. */
const FIELDS = ['fault', 'from', 'breaks', 'kills']

const HUNK = /^@@ -(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@/

/** The mutants, by name, in order. */
export function readMutants() {
  const files = readdirSync(join(root, FOLDER)).filter((file) => file.endsWith('.patch'))
  return files.sort().map((file) => ({ name: file.replace('.patch', ''), ...readFile(file) }))
}

function readFile(file) {
  try {
    return readPatch(readFileSync(join(root, FOLDER, file), 'utf8'))
  } catch (cause) {
    throw new Error(`${file}: ${cause.message}`, { cause })
  }
}

/** Reads a unified diff with a header. Gives the fields, `kills` as a list, and the hunks. Throws where the header is not complete. */
export function readPatch(text) {
  const lines = text.split('\n')
  const start = lines.findIndex((line) => !line.startsWith('# '))
  const header = Object.fromEntries(lines.slice(0, start).map((line) => /^# (\w+): (.*)$/.exec(line)?.slice(1) ?? [line, '']))
  const missing = FIELDS.filter((field) => !header[field]?.trim())
  const strange = Object.keys(header).filter((field) => !FIELDS.includes(field))
  if (missing.length > 0) throw new Error(`the header lacks ${missing.join(', ')}`)
  if (strange.length > 0) throw new Error(`the header has a line that is no field: ${strange[0]}`)
  const hunks = readHunks(text.trimEnd().split('\n').slice(start))
  if (hunks.length === 0) throw new Error('there is no hunk')
  return { ...header, kills: header.kills.split(/\s+/), hunks }
}

function readHunks(lines) {
  const hunks = []
  let file
  for (const line of lines) {
    if (line.startsWith('+++ ')) file = line.slice('+++ b/'.length)
    else if (HUNK.test(line)) hunks.push({ file, line: Number(HUNK.exec(line)[1]), before: [], after: [] })
    else if (hunks.length > 0 && !line.startsWith('diff ') && !line.startsWith('--- ')) addLine(hunks.at(-1), line)
  }
  return hunks
}

/** An empty line is an empty line of context, from which an editor took the space. */
function addLine({ before, after }, line) {
  const text = line.slice(1)
  if (!line.startsWith('+')) before.push(text)
  if (!line.startsWith('-')) after.push(text)
}

/**
 * The files that the hunks change, as a Map of file to text. A hunk may have moved as long as its lines stand in one place alone; they must be
 * exactly as they were. Throws where they are not: the code moved on, and the patch has to as well.
 */
export function applyHunks(hunks, read) {
  const changed = new Map()
  for (const hunk of hunks) {
    const lines = (changed.get(hunk.file) ?? read(hunk.file)).split('\n')
    lines.splice(placeOf(hunk, lines), hunk.before.length, ...hunk.after)
    changed.set(hunk.file, lines.join('\n'))
  }
  return changed
}

function placeOf({ file, line, before }, lines) {
  const found = [...lines.keys()].filter((at) => before.every((text, i) => lines[at + i] === text))
  if (found.length === 1) return found[0]
  if (found.includes(line - 1)) return line - 1
  throw new Error(`${file}: the lines at ${line} are ${found.length === 0 ? 'not there' : 'in several places'}`)
}

/** The test file that a killer names: `timeouts`, or `http/timeouts` where there are several of the name. */
export function killerFile(killer) {
  const found = testFiles().filter((file) => `/${file}`.endsWith(`/${killer}.test.ts`))
  if (found.length !== 1) throw new Error(`${found.length === 0 ? 'no test is' : 'several tests are'} called ${killer}`)
  return found[0]
}

/** Without the copies that `npm run mutation` works on, and may have left there. */
const testFiles = () =>
  readdirSync(join(root, 'test'), { recursive: true })
    .map((name) => `test/${name.replaceAll('\\', '/')}`)
    .filter((name) => !name.startsWith('test/mutation/'))
