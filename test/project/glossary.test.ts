import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { textOf } from '../support/pages.ts'
import { root } from '../support/readme.ts'

const { withoutTexts }: { withoutTexts(text: string): string } = await import(pathToFileURL(join(root, 'scripts/imports.mjs')).href)

type Files = ReadonlyMap<string, string>

const sourcesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true })
    .map((name) => `${folder}/${String(name)}`)
    .filter((name) => name.endsWith('.ts'))
const files: Files = new Map(['index.ts', ...['lib', 'stores', 'types'].flatMap(sourcesIn)].map((file) => [file, textOf(file)]))

/** The terms of the glossary, each with what is said of it. */
function termsOf(page: string): Array<{ term: string; sentence: string }> {
  const [, glossary = ''] = page.split('\n## Glossary\n')
  const items = (glossary.split('\n## ')[0] ?? '').split('\n- **').slice(1)
  return items.map((item) => {
    const [term = '', sentence = ''] = item.replace(/\s+/g, ' ').trim().split('**: ')
    return { term, sentence }
  })
}

/** `ownerIndex`, `OWNER_INDEX`, `owner-index` and `owner index` are the same words. */
const wordsOf = (text: string) =>
  text
    .replace(/([a-z0-9])(?=[A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$1$2 ')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')

function problemsOfGlossary(page: string, sources: Files): string[] {
  const terms = termsOf(page)
  const used = [...sources].filter(([file]) => /^(lib|types)\//.test(file)).map(([, text]) => ` ${wordsOf(text)} `)
  const uses = (term: string) => used.some((text) => text.includes(` ${wordsOf(term)} `))
  return [
    ...(terms.length === 0 || terms.length > 25 ? [`${terms.length} terms`] : []),
    ...terms.filter(({ term }, index) => terms.findIndex((other) => other.term === term) !== index).map(({ term }) => `${term}: twice`),
    ...terms.filter(({ sentence }) => !/^[A-Z][^.]*(\.[a-z]+[^.]*)*\.$/.test(sentence)).map(({ term }) => `${term}: not one sentence`),
    ...terms.filter(({ term }) => !uses(term)).map(({ term }) => `${term}: used nowhere`),
  ]
}

/** Names that mislead, and what to say instead: of files (as words with blanks between them) and in the code. */
const MISLEADING: ReadonlyArray<readonly [name: RegExp, instead: string]> = [
  [/^mend|Mend/, 'writeOwner, patchResponse, upgrade'],
  [/^TraceContext$|^TRACE|^(?:is|make|read)Trace$/, 'diagnostics; renewal record, but for the parameter of a store'],
  [/^Owned$/, 'Sealed'],
  [/^engine|Engine/, 'lifecycle, dialect'],
  [/^turns$|^Turns$|^Places$/, 'queue, limiter'],
  [/^gate|Gate/, 'store client'],
  [/^[eE]nder$/, 'end'],
  [/^patience|Patience|PATIENCE/, 'call options'],
  [/^stray|Stray|^strangers|Strangers/, 'owner outdated, unknown keys'],
  [/^promising/, 'promisify'],
  [/^verdict|Verdict/, 'failure'],
  [/^MOST/, 'MAX'],
  [/^(?:answers|closed|owners|pause|recent|sending|tracing|unsaved)\.ts$/, 'maybe promise, readonly, backoff, reply, diagnostics …'],
]

const namesIn = (text: string) => new Set([...withoutTexts(text).matchAll(/(?<![\w$])[A-Za-z_$][\w$]*/g)].map(([name]) => name))

function misleadingNames(sources: Files): string[] {
  return [...sources].flatMap(([file, text]) =>
    [...file.split('/'), ...namesIn(text)].flatMap((name) =>
      MISLEADING.filter(([bad]) => bad.test(name)).map(([, instead]) => `${file}: ${name}, better: ${instead}`),
    ),
  )
}

/** Names of one sense, and the types that they are declared with. */
const SENSES: ReadonlyArray<readonly [names: string, types: readonly string[]]> = [
  ['[a-z]\\w*At|deadline|until', ['number', 'Date']],
  ['lifetime|idleTimeout|touchInterval', ['number', 'Duration']],
]
/** Tables call the column of the key `token`, as SCS does. */
const isColumn = (file: string, name: string) => file.startsWith('stores/') && name === 'token'
const BELOW_THE_STORE_CLIENT = /^(?:stores\/|lib\/store\/|types\/(?:store|codec)\.ts)/

function secondSenses(sources: Files): string[] {
  return [...sources].flatMap(([file, text]) => {
    const code = withoutTexts(text)
    const mistyped = SENSES.flatMap(([names, types]) =>
      [
        ...code.matchAll(
          new RegExp(`(?<![\\w$.])(?:${names})\\??: (string|boolean|bigint|unknown|object|number|[A-Z]\\w*[a-z]\\w*)\\b(?![.(])`, 'g'),
        ),
      ]
        .filter(([, type = '']) => !types.includes(type))
        .map(([declared]) => `${file}: ${declared}, better: ${types.join(' or ')}`),
    )
    const tokens = BELOW_THE_STORE_CLIENT.test(file)
      ? [...namesIn(text)].filter((name) => ` ${wordsOf(name)} `.includes(' token ') && !isColumn(file, name))
      : []
    return [...mistyped, ...tokens.map((name) => `${file}: ${name}, but a store knows keys alone`)]
  })
}

t.test('the glossary has at most 25 terms, each in one sentence, and the code uses each', async (t) => {
  t.same(problemsOfGlossary(textOf('CONTRIBUTING.md'), files), [])
})

t.test('no name is one of those that mislead', async (t) => t.same(misleadingNames(files), []))

t.test('a moment is a number or a Date, a duration is none, and a store knows no token', async (t) => t.same(secondSenses(files), []))

t.test('a glossary that is too long, repeats itself, rambles or defines what is not there is refused', async (t) => {
  const sources = new Map([['lib/a.ts', 'const idleTimeout = 1 // the token']])
  const page = (...items: string[]) =>
    `# A\n\n## Glossary\n\nOnce.\n\n${items.map((item) => `- **${item}\n`).join('')}\n## More\n- **b**: c`
  const token = 'token**: The secret, see `lib/a.ts`.'
  t.same(problemsOfGlossary(page(token, 'idle timeout**: How\n  long.'), sources), [])
  t.same(problemsOfGlossary(page(token, token), sources), ['token: twice'])
  t.same(problemsOfGlossary(page('token**: A. B.', 'seal**: To close.'), sources), ['token: not one sentence', 'seal: used nowhere'])
  t.match(problemsOfGlossary(page(...Array(26).fill(token)), sources), ['26 terms'])
  t.same(problemsOfGlossary('# A', sources), ['0 terms'])
})

t.test('a misleading name and a term in a second sense are found, and not in comments and strings', async (t) => {
  const at = (text: string, file = 'stores/a.ts') => new Map([[file, text]])
  const found = (text: string, file?: string) => [...misleadingNames(at(text, file)), ...secondSenses(at(text, file))].length
  for (const bad of ['const MOST_KEYS = 1', 'class SqlEngine {}', 'makeTrace()', 'patience()', 'type Owned = 1'])
    t.equal(found(bad), 1, bad)
  for (const bad of ['expiresAt: string', 'deadline?: Duration', 'lifetime: Date', 'const tokenKey = 1']) t.equal(found(bad), 1, bad)
  t.equal(found('', 'lib/verdict.ts'), 1)
  const good = "// the engine of a token\nconst a = 'MOST'\nexpiresAt: Math.min(1)\nuntil?: number | undefined\nrename(trace, endersGame)"
  t.equal(found(good), 0)
  t.equal(found('const token = 1', 'lib/a.ts'), 0)
})
