import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../test/support/processes.mjs'

/** Under node16, TypeScript lets no CommonJS file import an ES module, though `require` loads it: such files get declarations of their own. */
export function declareForCommonJs() {
  const dist = join(root, 'dist')
  for (const name of readdirSync(dist, { recursive: true }).filter((name) => name.endsWith('.d.ts'))) {
    const text = readFileSync(join(dist, name), 'utf8').replace(/(\bfrom |\bimport\()'(\.[^'\n]+)\.[jt]s'/g, "$1'$2.cjs'")
    writeFileSync(join(dist, name.replace(/ts$/, 'cts')), text)
  }
}
