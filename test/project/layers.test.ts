import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'

interface Layers {
  checkLayers(files: ReadonlyMap<string, string>): { imports: number; problems: string[] }
  longTests(files: ReadonlyMap<string, string>): string[]
  floorsOf(files: ReadonlyMap<string, string>): string[][]
  withPicture(page: string, files: ReadonlyMap<string, string>): string
}

interface Workshop {
  checkWorkshop(files: ReadonlyMap<string, string>): string[]
}

const script = (name: string) => pathToFileURL(join(process.cwd(), 'scripts', name)).href
const { checkLayers, floorsOf, longTests, withPicture }: Layers = await import(script('layers.mjs'))
const { checkWorkshop }: Workshop = await import(script('workshop.mjs'))

/** A tree in which every layer holds; each case adds to it or replaces a file of it. */
const GOOD = {
  'types/store.ts': 'export interface Store {}',
  'types/options.ts': "import type { Store } from './store.ts'\nimport type { Pool } from 'pg'\nexport type Options = [Store, Pool]",
  'lib/options/durations.ts': 'export const HOUR = 3_600_000',
  'lib/plan.ts': "import { HOUR } from './options/durations.ts'\nexport const plan = (_: object) => HOUR",
  'lib/state.ts': "import { plan } from './plan.ts'\nexport type Facts = object\nexport const state = plan",
  'lib/store/client.ts': "import { randomBytes } from 'node:crypto'\nexport const client = (self) => self.store.find(randomBytes(9))",
  'stores/shared/heap.ts': 'export class Heap {}',
  'stores/memory.ts':
    "import type { Store } from '../types/store.ts'\nimport { Heap } from './shared/heap.ts'\nexport class Memory extends Heap {}",
  'index.ts': "import fp from 'fastify-plugin'\nimport { Memory } from './stores/memory.ts'\nimport { state } from './lib/state.ts'",
}

const problemsOf = (changes: Record<string, string>) => checkLayers(new Map(Object.entries({ ...GOOD, ...changes }))).problems

t.test('a tree that keeps the layers has no problem, and its imports are counted', async (t) => {
  const { imports, problems } = checkLayers(new Map(Object.entries(GOOD)))
  t.same(problems, [])
  t.equal(imports, 10)
})

const BAD: ReadonlyArray<readonly [rule: string, file: string, text: string, problem: string]> = [
  ['types imports nothing of lib', 'types/a.ts', "import type { Facts } from '../lib/state.ts'", 'types must not import lib'],
  ['types imports nothing of stores', 'types/a.ts', "export type * from '../stores/memory.ts'", 'types must not import stores'],
  ['types imports types of a package only', 'types/a.ts', "import { Pool } from 'pg'", 'types imports types only'],
  ['types imports its own files as types only', 'types/a.ts', "import { type Store } from './store.ts'", 'types imports types only'],
  ['types holds nothing to run', 'types/a.ts', 'export const limit = 1', 'types holds interfaces only'],
  ['types does not know Fastify', 'types/a.ts', "import type { FastifyRequest } from 'fastify'", 'only index.ts knows Fastify'],
  ['lib imports no store', 'lib/a.ts', "import { Memory } from '../stores/memory.ts'", 'lib must not import stores'],
  [
    'lib imports no store, not even as a type',
    'lib/a.ts',
    "import type { Memory } from '../stores/memory.ts'",
    'lib must not import stores',
  ],
  ['lib does not import the entry', 'lib/a.ts', "import '../index.ts'", 'lib must not import index.ts'],
  ['lib does not know Fastify', 'lib/a.ts', "import type { FastifyReply } from 'fastify'", 'only index.ts knows Fastify'],
  ['lib does not augment Fastify', 'lib/a.ts', "declare module 'fastify' {}", 'only index.ts knows Fastify'],
  ['lib does not use fastify-plugin', 'lib/a.ts', "import fp from 'fastify-plugin'", 'only index.ts knows Fastify'],
  ['lib names no type of Fastify in place', 'lib/a.ts', "let a: import('fastify').FastifyReply", 'only index.ts knows Fastify'],
  ['lib does no I/O', 'lib/a.ts', "import { readFile } from 'node:fs/promises'", 'lib does no I/O'],
  ['an import over several lines is seen', 'lib/a.ts', "import {\n  Memory,\n} from '../stores/memory.ts'", 'lib must not import stores'],
  ['a dynamic import is seen', 'lib/a.ts', "const { Memory } = await import('../stores/memory.ts')", 'lib must not import stores'],
  ['a require is seen', 'lib/a.ts', "createRequire(import.meta.url)('node:fs'); require('node:fs')", 'lib does no I/O'],
  ['stores does not import lib', 'stores/a.ts', "import { state } from '../lib/state.ts'", 'stores must not import lib'],
  ['stores does not know Fastify', 'stores/a.ts', "import type { FastifyBaseLogger } from 'fastify'", 'only index.ts knows Fastify'],
  ['the plan runs no file of lib that is not pure', 'lib/plan.ts', "import { client } from './store/client.ts'", 'the plan is pure'],
  ['the plan runs no package', 'lib/plan.ts', "import { randomBytes } from 'node:crypto'", 'the plan is pure'],
  [
    'a room imports no other that it may not',
    'lib/options/a.ts',
    "import type { A } from '../store/client.ts'",
    'must not import lib/store',
  ],
  ['a room imports nothing of the story', 'lib/store/a.ts', "import { state } from '../state.ts'", 'must not import lib/state.ts'],
  ['a store imports no other store', 'stores/redis/a.ts', "import { Memory } from '../memory.ts'", 'must not import stores/memory.ts'],
  ['an import of nothing is refused', 'lib/a.ts', "import { a } from './nowhere.ts'", 'there is no such file'],
  [
    'only the store client calls a store',
    'lib/a.ts',
    'class A { go() { return this.#store.find(1) } }',
    "only lib/store/client.ts calls a store's find",
  ],
  ['any is refused as the type of a parameter', 'lib/a.ts', 'const a = (b: any) => b', 'lib/a.ts:1: any'],
  ['any is refused as the type of a variable', 'lib/a.ts', '\nconst a: any = 1', 'lib/a.ts:2: any'],
  ['any is refused in an assertion', 'stores/a.ts', 'const a = b as any', 'stores/a.ts:1: any'],
  ['any is refused in a type argument', 'types/a.ts', 'export type A = Map<string, any>', 'types/a.ts:1: any'],
  ['a file is not longer than 200 lines', 'lib/a.ts', 'a()\n'.repeat(201), 'lib/a.ts: 201 lines, more than 200'],
]

for (const [rule, file, text, problem] of BAD) {
  t.test(rule, async (t) => {
    const problems = problemsOf({ [file]: text })
    t.equal(problems.length, 1, 'one problem')
    t.match(problems[0], file)
    t.match(problems[0], problem)
  })
}

t.test('the command stands above the stores, and nothing imports it', async (t) => {
  const command = "import { Memory } from '../../stores/memory.ts'\nimport { state } from '../state.ts'\nimport 'node:fs'"
  t.same(problemsOf({ 'lib/cli/main.ts': command }), [])
  for (const [file, layer] of [
    ['lib/a.ts', 'lib'],
    ['stores/a.ts', 'stores'],
    ['index.ts', 'index.ts'],
  ] as const) {
    const path = file.includes('/') ? '../lib/cli/main.ts' : './lib/cli/main.ts'
    const problems = problemsOf({ 'lib/cli/main.ts': command, [file]: `import '${path}'` })
    t.same(problems, [`${file}: imports lib/cli/main.ts: ${layer} must not import lib/cli`])
  }
})

t.test('files that run each other in a circle are refused', async (t) => {
  const circle = { 'lib/a.ts': "import { b } from './b.ts'", 'lib/b.ts': "export { c } from './c.ts'", 'lib/c.ts': "import './a.ts'" }
  t.same(problemsOf(circle), ['cycle: lib/a.ts -> lib/b.ts -> lib/c.ts -> lib/a.ts'])
})

t.test('a circle that a type closes is one', async (t) => {
  const circle = { 'lib/a.ts': "import { b } from './b.ts'", 'lib/b.ts': "import type { a } from './a.ts'" }
  t.same(problemsOf(circle), ['cycle: lib/a.ts -> lib/b.ts -> lib/a.ts'])
})

t.test('a test is not longer than 200 lines either, but for the few that are named', async (t) => {
  const [short, long] = ['a()\n'.repeat(200), 'a()\n'.repeat(201)]
  const tests = { 'test/a.test.ts': short, 'test/support/b.ts': long, 'test/attacks/registry/attacks.mjs': long }
  t.same(longTests(new Map(Object.entries(tests))), ['test/support/b.ts: 201 lines, more than 200'])
})

t.test('the floors: each file above all that it imports, and CONTRIBUTING.md has those of today', async (t) => {
  t.same(floorsOf(new Map(Object.entries(GOOD))), [['index.ts'], ['lib/state.ts'], ['lib/plan.ts'], ['lib/options/', 'lib/store/']])
  const page = '# House\n<!-- floors -->\nas they were\n<!-- /floors -->\nmore\n'
  const drawn = '```\n 4  index\n 3  state\n 2  plan\n 1  options/  store/\n```\n'
  t.equal(withPicture(page, new Map(Object.entries(GOOD))), `# House\n<!-- floors -->\n${drawn}<!-- /floors -->\nmore\n`)
})

const HARMLESS: ReadonlyArray<readonly [rule: string, text: string]> = [
  ['a comment imports nothing', "// import fp from 'fastify'\n/* any\nimport '../index.ts' */"],
  ['a text imports nothing and is no type', "const a = 'any'\nconst b = `\nimport fp from 'fastify'\n`"],
  ['a text that looks like a comment hides nothing after it', "const a = '/*'\nconst b = '*/'"],
  ['a regular expression hides nothing after it', 'const a = /[\'"`/*]/\nconst b = 1'],
  ['a property, a method and a word that contain any are none', 'const a = { any: 1 }\nPromise.any([])\nlet anything = a.any'],
  ['an export without a source is not joined to the next import', "export { a }\nimport type { Facts } from './state.ts'"],
  ['a file of 200 lines is short enough', 'a()\n'.repeat(200)],
]

for (const [rule, text] of HARMLESS) {
  t.test(rule, async (t) => t.same(problemsOf({ 'lib/a.ts': text }), []))
}

t.test('what follows a text that looks like a comment is still checked', async (t) => {
  const problems = problemsOf({ 'lib/a.ts': "const a = '/*'\nimport '../index.ts'\nconst b = /['\"]/\nlet c: any = '*/'" })
  t.same(problems, ['lib/a.ts:4: any', 'lib/a.ts: imports index.ts: lib must not import index.ts'])
})

const WORKSHOP: ReadonlyArray<readonly [file: string, imported: string, allowed: string | undefined]> = [
  ['bench/a.mjs', '../test/support/b.mjs', undefined],
  ['bench/a.mjs', '../build/test/support/b.js', undefined],
  ['bench/a/b.mjs', './c.mjs', undefined],
  ['bench/a.mjs', '../scripts/b.mjs', 'bench may import test/support/'],
  ['bench/a.mjs', '../build/test/fuzz/b.js', 'bench may import test/support/'],
  ['scripts/a.mjs', '../test/attacks/registry/b.mjs', undefined],
  ['scripts/a.mjs', '../test/http/b.mjs', 'scripts may import test/support/, test/attacks/registry/, test/fuzz/'],
  ['scripts/a.mjs', '../bench/b.mjs', 'scripts may import test/support/, test/attacks/registry/, test/fuzz/'],
  ['test/a.ts', '../lib/b.ts', undefined],
  ['test/http/a.ts', '../../bench/b.mjs', 'test may import itself'],
  ['test/support/a.mjs', '../../scripts/b.mjs', 'test may import itself'],
]

t.test('bench, scripts and test do not import each other, but for what the tests share', async (t) => {
  for (const [file, imported, allowed] of WORKSHOP) {
    const problems = checkWorkshop(new Map([[file, `const { b } = await import('${imported}')`]]))
    t.same(
      problems.map((problem) => problem.split(': ').at(-1)),
      allowed === undefined ? [] : [allowed],
      `${file} imports ${imported}`,
    )
  }
})
