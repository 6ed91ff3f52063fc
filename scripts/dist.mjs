import { writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { manifest } from '../test/support/consumer.mjs'
import { root, tool } from '../test/support/processes.mjs'

/** Compiles the package into dist/. */
export async function compilePackage() {
  const compiled = await tool('tsc', ['-p', 'tsconfig.build.json'])
  if (compiled.ok) writeCommonJs()
  return compiled
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
