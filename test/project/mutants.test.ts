import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'

interface Mutant {
  readonly name: string
  readonly fault: string
  readonly kills: readonly string[]
  readonly replacements: ReadonlyArray<{ readonly file: string; readonly before: readonly string[]; readonly after: readonly string[] }>
}

interface Lists {
  readMutants(): Mutant[]
  readList(text: string): Mutant[]
  applyMutant(mutant: Mutant | undefined, read: (file: string) => string): Map<string, string>
  problemOf(mutant: Mutant): string | undefined
  killerFile(killer: string): string
}

const ours = (path: string) => pathToFileURL(join(process.cwd(), path)).href
const { readMutants, readList, applyMutant, problemOf, killerFile }: Lists = await import(ours('scripts/mutant-lists.mjs'))
const { lostEntries }: { lostEntries(): string[] } = await import(ours('test/mutation/equivalent.mjs'))

const mutants = readMutants()
const distinct = (each: (mutant: Mutant) => string) => new Set(mutants.map(each)).size

t.test('every mutant still applies and names tests that exist', async (t) => {
  t.ok(mutants.length >= 465)
  t.same(
    mutants.map(problemOf).filter((problem) => problem !== undefined),
    [],
  )
})

t.test('every mutant by machine that is said to be equivalent is of a line that is there', async (t) => t.same(lostEntries(), []))

t.test('mutants are numbered, and no two have one number, one name or one fault', async (t) => {
  t.same(
    mutants.filter(({ name }) => !/^\d{3}-[a-z0-9-]+$/.test(name)),
    [],
  )
  t.equal(
    distinct(({ name }) => name.slice(0, 3)),
    mutants.length,
  )
  t.equal(
    distinct(({ name }) => name.slice(4)),
    mutants.length,
  )
  t.equal(
    distinct(({ fault }) => fault),
    mutants.length,
  )
})

const HEADER = '001-a-name\nfault: a fault\nfrom: somewhere\nbreaks: a promise\nkills: memory http/manager\n'
const REPLACEMENT = 'lib/a.ts\n  two\n- three\n+ THREE\n+\n  four\n'

function apply(list: string, text: string): string | undefined {
  const [mutant] = readList(list)
  return applyMutant(mutant, () => text).get('lib/a.ts')
}

t.test('a list has a comment and mutants, separated by empty lines', async (t) => {
  const [one, two, ...others] = readList(`# A comment.\n\n${HEADER}${REPLACEMENT}\n${HEADER.replace('001', '002')}${REPLACEMENT}`)
  t.match(one, { name: '001-a-name', fault: 'a fault', from: 'somewhere', breaks: 'a promise', kills: ['memory', 'http/manager'] })
  t.match(two, { name: '002-a-name' })
  t.same(others, [])
})

t.test('a mutant replaces the lines that stand once, wherever they stand', async (t) => {
  t.equal(apply(HEADER + REPLACEMENT, 'one\ntwo\nthree\nfour\n'), 'one\ntwo\nTHREE\n\nfour\n')
  t.equal(apply(HEADER + REPLACEMENT, 'two\nthree\nfour'), 'two\nTHREE\n\nfour')
})

t.test('lines are found at any indentation, and keep theirs', async (t) => {
  t.equal(apply(HEADER + REPLACEMENT, 'one\n  two\n  three\n  four'), 'one\n  two\n  THREE\n\n  four')
  t.equal(apply(`${HEADER}lib/a.ts\n-   a\n- }\n+   b\n+ }\n`, '  {\n    a\n  }'), '  {\n    b\n  }')
  t.equal(apply(`${HEADER}lib/a.ts\n- a\n-\n- b\n`, '  a\n\n  b\n  c'), '  c')
})

t.test('a mutant may replace several lines of a file', async (t) =>
  t.equal(apply(`${HEADER}lib/a.ts\n- six\n+ SIX\nlib/a.ts\n- one\n+ ONE\n`, 'one\nsix'), 'ONE\nSIX'),
)

t.test('lines that are gone are refused', async (t) => {
  const message = 'lib/a.ts has no longer\ntwo\nthree\nfour'
  t.throws(() => apply(HEADER + REPLACEMENT, 'two\nThree\nfour'), { message })
  t.throws(() => apply(HEADER + REPLACEMENT, 'two\nthree\nfour5'), { message })
  t.throws(() => apply(HEADER + REPLACEMENT, '-two\n-three\n-four'), { message })
  t.throws(() => apply(HEADER + REPLACEMENT, '  two\nthree\n  four'), { message })
  t.throws(() => apply(HEADER + REPLACEMENT, 'two\nthree'), { message })
})

t.test('lines that stand in several places are refused', async (t) =>
  t.throws(() => apply(`${HEADER}lib/a.ts\n- two\n`, 'two\n  two'), { message: 'lib/a.ts has in several places\ntwo' }),
)

const REFUSED: ReadonlyArray<readonly [rule: string, list: string, message: RegExp]> = [
  ['a mutant without a field is refused', HEADER.replace('breaks: a promise\n', '') + REPLACEMENT, /001-a-name lacks breaks/],
  ['a mutant with an empty field is refused', HEADER.replace('a fault', '') + REPLACEMENT, /lacks fault/],
  ['a mutant with an unknown field is refused', `${HEADER}by: somebody\n${REPLACEMENT}`, /no field, file or replacement: by: somebody/],
  ['a mutant of a file that is not the library is refused', `${HEADER}test/a.ts\n- a\n`, /no field, file or replacement: test\/a\.ts/],
  ['a mutant with a line before its file is refused', `${HEADER}- a\n`, /no field, file or replacement: - a/],
  ['a mutant with a line that has no sign is refused', `${HEADER}${REPLACEMENT}five\n`, /no field, file or replacement: five/],
  ['a mutant without a replacement is refused', HEADER, /replaces nothing/],
  ['a mutant that only adds is refused, for nobody could say where', `${HEADER}lib/a.ts\n+ a\n`, /replaces nothing/],
  ['a mutant that changes nothing is refused', `${HEADER}lib/a.ts\n  a\n`, /replaces nothing/],
]

for (const [rule, list, message] of REFUSED) t.test(rule, async (t) => t.throws(() => readList(list), { message }))

t.test('a mutant that does not apply says its list and its name, and so does one whose test is gone', async (t) => {
  const [mutant] = mutants
  if (mutant === undefined) throw new Error('there is no mutant')
  const moved = { ...mutant, replacements: [{ file: 'index.ts', before: ['not there'], after: [] }] }
  t.match(problemOf(moved), /^[a-z-]+\.txt: 001-[a-z-]+: index\.ts has no longer\nnot there$/)
  t.match(problemOf({ ...mutant, kills: ['nowhere'] }), /no test is called nowhere$/)
})

t.test('a killer is a test that exists, and one only', async (t) => {
  t.equal(killerFile('memory'), 'test/stores/memory.test.ts')
  t.equal(killerFile('http/manager'), 'test/http/manager.test.ts')
  t.throws(() => killerFile('nowhere'), { message: /no test is called nowhere/ })
  t.throws(() => killerFile('manager'), { message: /several tests are called manager/ })
})
