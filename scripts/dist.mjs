import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { manifest } from '../test/support/consumer.mjs'
import { filesBelow, root, tool } from '../test/support/processes.mjs'

const PROGRAM = ['-p', 'tsconfig.build.json']

/**
 * Compiles the package into dist/: programs without comments, and declarations with theirs, since editors show those. Declarations that no entry
 * leads to are of no use to anybody. Both together are half of what a user would have to download otherwise.
 */
export async function compilePackage() {
  const runs = await Promise.all([
    tool('tsc', [...PROGRAM, '--declaration', 'false', '--removeComments']),
    tool('tsc', [...PROGRAM, '--emitDeclarationOnly', '--stripInternal']),
  ])
  const failed = runs.find(({ ok }) => !ok)
  if (failed !== undefined) return failed
  dropUnreached()
  writeCommonJs()
  return runs[0]
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
