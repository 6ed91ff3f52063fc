import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'

interface Hunk {
  readonly file: string
  readonly line: number
  readonly before: readonly string[]
  readonly after: readonly string[]
}

interface Patches {
  readonly FOLDER: string
  readPatch(text: string): { fault: string; kills: readonly string[]; hunks: readonly Hunk[] }
  applyHunks(hunks: readonly Hunk[], read: (file: string) => string): Map<string, string>
  killerFile(killer: string): string
}

const { FOLDER, readPatch, applyHunks, killerFile }: Patches = await import(
  pathToFileURL(join(process.cwd(), 'scripts/mutant-patches.mjs')).href
)

const read = (file: string) => readFileSync(join(process.cwd(), file), 'utf8')
const files = readdirSync(join(process.cwd(), FOLDER)).sort()

/** What is wrong with a patch, or undefined. */
function problemOf(file: string): string | undefined {
  try {
    const { hunks, kills } = readPatch(read(`${FOLDER}/${file}`))
    const changed = applyHunks(hunks, read)
    for (const killer of kills) killerFile(killer)
    for (const [name, text] of changed) if (text === read(name)) return `${file}: it changes nothing in ${name}`
    return [...changed.keys()].every((name) => /^(index\.ts$|lib\/|stores\/)/.test(name))
      ? undefined
      : `${file}: it changes what is not the library`
  } catch (error) {
    return `${file}: ${(error as Error).message}`
  }
}

t.test('every mutant still applies, says what it is, and names tests that exist', async (t) => {
  t.ok(files.length >= 45)
  t.same(
    files.map(problemOf).filter((problem) => problem !== undefined),
    [],
  )
})

t.test('mutants are numbered, and no two have one number or one fault', async (t) => {
  t.same(
    files.filter((file) => !/^\d{3}-[a-z0-9-]+\.patch$/.test(file)),
    [],
  )
  t.equal(new Set(files.map((file) => file.slice(0, 3))).size, files.length)
  t.equal(new Set(files.map((file) => readPatch(read(`${FOLDER}/${file}`)).fault)).size, files.length)
})

const HEADER = '# fault: a fault\n# from: somewhere\n# breaks: a promise\n# kills: memory http/manager\n'
const HUNK = '--- a/lib/a.ts\n+++ b/lib/a.ts\n@@ -2,3 +2,3 @@\n two\n-three\n+THREE\n four\n'
const apply = (patch: string, text: string) => applyHunks(readPatch(patch).hunks, () => text).get('lib/a.ts')

t.test('a patch says its killers', async (t) => t.same(readPatch(HEADER + HUNK).kills, ['memory', 'http/manager']))

t.test('a hunk is found where it was, and where it moved to', async (t) => {
  t.equal(apply(HEADER + HUNK, 'one\ntwo\nthree\nfour\n'), 'one\ntwo\nTHREE\nfour\n')
  t.equal(apply(HEADER + HUNK, 'two\nthree\nfour\n'), 'two\nTHREE\nfour\n')
  t.equal(apply(HEADER + HUNK, 'one\ntwo\nthree\nfour\ntwo\nthree\nfour\n'), 'one\ntwo\nTHREE\nfour\ntwo\nthree\nfour\n')
})

t.test('two hunks in one file both apply', async (t) => {
  const second = '@@ -6,1 +6,1 @@\n-six\n+SIX\n'
  t.equal(apply(HEADER + HUNK + second, 'one\ntwo\nthree\nfour\nfive\nsix'), 'one\ntwo\nTHREE\nfour\nfive\nSIX')
})

t.test('an empty line is one of context, from which an editor took the space', async (t) =>
  t.equal(apply(`${HEADER}+++ b/lib/a.ts\n@@ -1,3 +1,3 @@\n one\n\n-two\n+TWO\n`, 'one\n\ntwo'), 'one\n\nTWO'),
)

t.test('a hunk whose lines changed is refused, and one that could stand in two places', async (t) => {
  t.throws(() => apply(HEADER + HUNK, 'one\ntwo\nThree\nfour\n'), { message: /lib\/a\.ts: the lines at 2 are not there/ })
  t.throws(() => apply(HEADER + HUNK, 'two\nthree\nfour\ntwo\nthree\nfour\n'), {
    message: /lib\/a\.ts: the lines at 2 are in several places/,
  })
})

const INCOMPLETE: ReadonlyArray<readonly [rule: string, patch: string, message: RegExp]> = [
  ['a patch without a field of the header is refused', HEADER.replace('# breaks: a promise\n', '') + HUNK, /lacks breaks/],
  ['a patch with an empty field is refused', HEADER.replace('a fault', '') + HUNK, /lacks fault/],
  ['a patch with a line that is no field is refused', `# by: somebody\n${HEADER}${HUNK}`, /no field: by/],
  ['a patch without a hunk is refused', HEADER, /no hunk/],
]

for (const [rule, patch, message] of INCOMPLETE) t.test(rule, async (t) => t.throws(() => readPatch(patch), { message }))

t.test('a killer is a test that exists, and one only', async (t) => {
  t.equal(killerFile('memory'), 'test/memory.test.ts')
  t.equal(killerFile('http/manager'), 'test/http/manager.test.ts')
  t.throws(() => killerFile('nowhere'), { message: /no test is called nowhere/ })
  t.throws(() => killerFile('manager'), { message: /several tests are called manager/ })
})
