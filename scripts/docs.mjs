// `npm run docs`: README, docs/ and the doc comments as one site, in build/site. `npm run docs -- FOLDER` puts it there.
import { join, resolve } from 'node:path'
import { fail, root, run } from '../test/support/processes.mjs'
import { installPackages } from './neighbours.mjs'

const source = join(root, 'docs/site')
const out = resolve(process.argv[2] ?? join(root, 'build/site'))

try {
  await installPackages(source)
  const typedoc = join(source, 'node_modules/typedoc/bin/typedoc')
  const { ok, output } = await run(process.execPath, [typedoc, '--options', join(source, 'typedoc.json'), '--out', out])
  if (!ok) throw new Error(`TypeDoc made no site\n${output}`)
  console.log(`${join(out, 'index.html')}`)
} catch (error) {
  fail(error.message)
}
