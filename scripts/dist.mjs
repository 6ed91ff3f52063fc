import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { rolldown } from 'rolldown'
import { parseAst } from 'rolldown/parseAst'
import { manifest } from '../test/support/consumer.mjs'
import { filesBelow, root, tool } from '../test/support/processes.mjs'

const DECLARATIONS = ['-p', 'tsconfig.build.json', '--emitDeclarationOnly', '--stripInternal']

/** Functions and classes keep their names, for stack traces; the names of variables go, with comments and white space. */
const MINIFY = {
  compress: { keepNames: { function: true, class: true } },
  mangle: { toplevel: true, keepNames: { function: true, class: true } },
  codegen: { removeWhitespace: true },
}

/** What is imported by a name, and no path. */
const PACKAGES = /^(?![./]|[A-Za-z]:[\\/])/

const ENTRY = join(root, 'index.ts')

/** Whether the entry imports a module, itself or through others. */
function isOfEntry(id, context, seen = new Set([ENTRY])) {
  for (const each of seen) for (const imported of context.getModuleInfo(each)?.importedIds ?? []) seen.add(imported)
  return seen.has(id)
}

/** What several entries share, each module once: a class of one entry is the class of the others. The entry needs one file of these. */
const SHARED = [
  { name: (id, context) => (isOfEntry(id, context) ? 'lib' : null), debugName: 'lib', minShareCount: 2 },
  { name: 'stores', test: /[\\/]stores[\\/](shared|sql)[\\/]/, minShareCount: 2 },
]

/** Where statements begin, and members of classes. */
function* beginnings(nodes) {
  for (const node of nodes) {
    yield node.start
    const declared = (node.declaration ?? node).declarations ?? []
    yield* declared.slice(1).map(({ start }) => start)
    for (const { body } of [node, ...declared.map(({ init }) => init ?? {})]) if (body?.type === 'ClassBody') yield* beginnings(body.body)
  }
}

/** A line for each of them: Node prints the line of an error that nobody catches, and a stack trace names it. */
const LINES = {
  name: 'lines',
  generateBundle(_options, bundle) {
    for (const chunk of Object.values(bundle)) {
      const starts = [0, ...beginnings(parseAst(chunk.code).body)].sort((a, b) => a - b)
      chunk.code = starts
        .map((start, i) => chunk.code.slice(start, starts[i + 1]).trimEnd())
        .filter(Boolean)
        .join('\n')
    }
  },
}

const nameOf = ({ imported, local }) => (imported.name === local.name ? local.name : `${imported.name}:${local.name}`)

/** An import of names from a module of Node's as a call that gives the same, or undefined for another import. */
function callFor({ type, source, specifiers }) {
  const isNamed = type === 'ImportDeclaration' && specifiers.length > 0 && specifiers.every((each) => each.type === 'ImportSpecifier')
  if (!isNamed || !source.value.startsWith('node:')) return undefined
  return `const{${specifiers.map(nameOf).join(',')}}=process.getBuiltinModule(${source.raw});`
}

/** An import looks at all that a module exports, whichever names are wanted, and so loads what Node itself loads late: webcrypto, for one. */
const BUILTINS = {
  name: 'builtins',
  generateBundle(_options, bundle) {
    for (const chunk of Object.values(bundle)) {
      for (const statement of parseAst(chunk.code).body.toReversed()) {
        const call = callFor(statement)
        if (call !== undefined) chunk.code = chunk.code.slice(0, statement.start) + call + chunk.code.slice(statement.end)
      }
    }
  },
}

/**
 * Compiles the package into dist/: a program for each entry, beside those that they share, and declarations with their comments, since editors show
 * those. One file is imported in a fraction of the time of the hundred that it is made of. Declarations that no entry leads to are of no use to anybody.
 */
export async function compilePackage() {
  const compiled = await tool('tsc', DECLARATIONS)
  if (!compiled.ok) return compiled
  await bundle()
  dropUnreached()
  indentByTabs()
  writeCommonJs()
  return compiled
}

async function bundle() {
  const programs = [...Object.values(manifest.exports), ...Object.values(manifest.bin)].map((target) => target.default ?? target)
  const names = programs.filter((file) => file.endsWith('.js')).map((file) => file.slice('./dist/'.length, -'.js'.length))
  const input = Object.fromEntries(names.map((name) => [name, join(root, `${name}.ts`)]))
  const build = await rolldown({ input, platform: 'node', external: PACKAGES, tsconfig: join(root, 'tsconfig.build.json') })
  await build.write({
    dir: join(root, 'dist'),
    chunkFileNames: 'shared/[name].js',
    codeSplitting: { groups: SHARED },
    minify: MINIFY,
    // Bundlers know by themselves that `new Map()` does nothing else.
    comments: { annotation: false },
    plugins: [BUILTINS, LINES],
    // Bundlers of applications follow the plain `require` of what is loaded late.
    polyfillRequire: false,
  })
  await build.close()
}

/** Deletes the declarations that the entries do not lead to. */
function dropUnreached() {
  const reached = new Set()
  const visit = (file) => {
    if (reached.has(file) || !existsSync(join(root, file))) return
    reached.add(file)
    for (const [, path] of readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import\()\s*['"](\.[^'"]+)['"]/g))
      visit(join(dirname(file), path.replace(/\.[jt]s$/, '.d.ts')))
  }
  for (const { types } of Object.values(manifest.exports)) if (types !== undefined) visit(join(types))
  for (const file of filesBelow('dist')) if (file.endsWith('.d.ts') && !reached.has(file)) rmSync(join(root, file))
}

/** Declarations need less room with tabs. */
function indentByTabs() {
  for (const file of filesBelow('dist')) {
    const path = join(root, file)
    if (file.endsWith('.d.ts')) writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/(?<=^ *) {4}/gm, '\t'))
  }
}

/**
 * What `require` finds: a file that loads the ES module, and its declarations. Without them TypeScript refuses, under `module: node16`, that CommonJS imports
 * an ES module (TS1479). They pass the ES module's own declarations on: copies would be other types, and augment Fastify a second time.
 */
function writeCommonJs() {
  for (const { require: found } of Object.values(manifest.exports)) {
    if (found === undefined) continue
    const name = `./${basename(found.default, '.cjs')}.js`
    writeFileSync(join(root, found.default), `module.exports = require('${name}')\n`)
    writeFileSync(join(root, found.types), `// @ts-ignore: TS1479\nimport module = require('${name}')\nexport = module\n`)
  }
}
