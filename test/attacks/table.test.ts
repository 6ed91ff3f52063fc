import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'

type Ref = readonly [file: string, start: string]

interface Entry {
  readonly id: number | string
  readonly attacks?: readonly number[]
  readonly tests?: readonly Ref[]
}

interface Security {
  readonly attacks: readonly (Entry & { readonly id: number; readonly tests: readonly Ref[] })[]
  readonly incidents: readonly Entry[]
  readonly requirements: readonly (Entry & { readonly library: string; readonly application: string })[]
  generate(page: string): string
  resolve(ref: Ref): { file: string; title: string }
  titlesIn(text: string): string[]
}

const { attacks, incidents, requirements, generate, resolve, titlesIn }: Security = await import(
  pathToFileURL(join(process.cwd(), 'scripts/security.mjs')).href
)

const NUMBERS = [
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 22, 23, 24, 25, 26, 27, 28, 29, 30, 32, 33, 34],
  ...[36, 37, 38, 39, 40, 41, 42, 43, 46, 48, 49, 50, 51],
]

const REQUIRED = [
  ...['7.1.1', '7.1.2', '7.1.3', '7.2.1', '7.2.2', '7.2.3', '7.2.4', '7.3.1', '7.3.2', '7.4.1', '7.4.2', '7.4.3', '7.4.4', '7.4.5'],
  ...['7.5.1', '7.5.2', '7.5.3', '7.6.1', '7.6.2', '3.3.1', '3.3.2', '3.3.3', '3.3.4', '3.3.5', '3.5.1', '1.5.2', '8.2.4', '11.2.4'],
  ...[
    '11.3.1',
    '11.3.2',
    '11.3.3',
    '11.3.4',
    '11.4.1',
    '11.4.3',
    '11.5.1',
    '11.5.2',
    '13.1.2',
    '13.1.3',
    '13.2.6',
    '14.2.1',
    '14.3.1',
    '14.3.2',
    '15.4.2',
    '15.4.3',
  ],
  ...['16.2.5', '16.5.1', '16.5.2', '16.5.3'],
]

t.test('docs/security.md is what its registry says, and every test that it names exists', async (t) => {
  const page = readFileSync('docs/security.md', 'utf8')
  t.equal(generate(page), page, 'else: node scripts/security.mjs --write')
})

t.test('each attack, requirement and incident is in the registry, with a test or a word for the application', async (t) => {
  t.strictSame(
    attacks.map(({ id }) => id).sort((a, b) => a - b),
    NUMBERS,
  )
  const ids = requirements.flatMap(({ id }) => String(id).split(/, |–/))
  t.strictSame(
    REQUIRED.filter((id) => !ids.includes(id)),
    [],
  )
  t.ok(incidents.length > 30)
  for (const { id, attacks: numbers = [], tests = [] } of [...requirements, ...incidents]) {
    t.ok(
      numbers.every((number) => NUMBERS.includes(number)),
      String(id),
    )
    const word = requirements.find((each) => each.id === id)?.application ?? ''
    t.ok(numbers.length + tests.length > 0 || word !== '', `${id} is shown by something`)
  }
  for (const { id, tests } of attacks) t.ok(tests.length > 0, `attack ${id}`)
})

t.test('every test that is named after an attack is under its number', async (t) => {
  const named = attacks.flatMap(({ id, tests }) => tests.map((ref) => `${id} ${resolve(ref).title}`))
  for (const file of readdirSync('test/attacks').filter((name) => name.endsWith('.test.ts'))) {
    for (const title of titlesIn(readFileSync(join('test/attacks', file), 'utf8'))) {
      const [, numbers = ''] = /^attacks? ([\d and]+):/.exec(title) ?? []
      for (const number of numbers.split(' and ').filter((text) => text !== ''))
        t.ok(named.includes(`${number} ${title}`), `${file}: ${title}`)
    }
  }
})

t.test('a reference to a test that is not there, or to several, is refused', async (t) => {
  t.throws(() => resolve(['test/attacks/table', 'no such title']), { message: /has 0 tests/ })
  t.throws(() => resolve(['test/attacks/no-such-file', 'a']), { message: /there is no/ })
  t.throws(() => resolve(['test/attacks/cookies', 'attack 19']), { message: /has 2 tests/ })
  t.throws(() => resolve(['test/attacks/cookies', '']), { message: /begins with/ })
  t.strictSame(titlesIn("t.test('it\\'s', f)\nt.test(`a $" + "{b}`, f)\n{ name: 'c', run() {} }\n// t.tests('d')"), ["it's", 'a …', 'c'])
})
