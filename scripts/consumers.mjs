// `npm run consumers`: a small application, packed package and all, in the bundlers, runtimes and test runners that `npm test` has no time for.
import { existsSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { pack } from '../test/support/consumer.mjs'
import { makeProject, program, tested, testing, tools } from '../test/support/consumers.mjs'
import { fail, inTemporaryFolder, root, run } from '../test/support/processes.mjs'
import { installConsumers } from './neighbours.mjs'

const own = process.execPath
const binary = (scope, name) => {
  const [found] = readdirSync(join(tools, scope))
  return join(tools, scope, found, name)
}
const nodeOf = (release) => {
  const place = join(root, 'node_modules/.cache/nodes', release, 'node_modules')
  return existsSync(place) ? join(place, readdirSync(place)[0], 'bin/node') : undefined
}
const rollup = `import commonjs from '@rollup/plugin-commonjs'
import json from '@rollup/plugin-json'
import { nodeResolve } from '@rollup/plugin-node-resolve'
export default { input: 'app.mjs', output: { file: 'out/app.mjs', format: 'esm' }, plugins: [nodeResolve({ preferBuiltins: true }), commonjs(), json()] }
`
const files = {
  'package.json': '{ "private": true, "jest": { "transform": {} } }',
  'app.mjs': program,
  'app.ts': program,
  'rollup.config.mjs': rollup,
  'jest/esm.test.mjs': testing(tested.importing, tested.expect),
  'jest/cjs.test.js': testing(tested.requiring, tested.expect),
  'vitest/app.test.mjs': testing(`import { expect, test } from 'vitest'\n${tested.importing}`, tested.expect),
}
const jest = join(tools, 'jest/bin/jest.js')

/** What is tried, its commands one after the other, and what the last must say. */
const consumers = [
  [
    'rollup, TypeBox beside the bundle',
    [
      [own, join(tools, 'rollup/dist/bin/rollup'), '-c'],
      [own, 'out/app.mjs'],
    ],
  ],
  ['bun build --compile', [[binary('@oven', 'bin/bun'), 'build', '--compile', 'app.mjs', '--outfile', 'compiled'], ['./compiled']]],
  ['bun', [[binary('@oven', 'bin/bun'), 'app.mjs']]],
  ['deno', [[binary('@deno', 'deno'), 'run', '-A', '--node-modules-dir=manual', 'app.mjs']]],
  ['tsx', [[own, join(tools, 'tsx/dist/cli.mjs'), 'app.ts']]],
  ['vitest', [[own, join(tools, 'vitest/vitest.mjs'), 'run', 'vitest']], /1 passed/],
  ['Jest, import, --experimental-vm-modules', [[own, '--experimental-vm-modules', jest, '--testMatch', '**/esm.test.mjs']], /1 passed/],
  ['Jest, require, as it comes', [[own, jest, '--testMatch', '**/cjs.test.js']], /1 passed|Must use import/],
  ...['22', '24', '26'].map((release) => [`type stripping, Node ${release}`, nodeOf(release) && [[nodeOf(release), 'app.ts']]]),
]

async function tryOne(project, [what, commands, wanted = /seen ada/]) {
  if (!commands) return console.log(`not tried: ${what}: npm run nodes installs it`)
  let output = ''
  for (const [command, ...args] of commands) output = (await run(command, args, { cwd: project, env: { NODE_OPTIONS: '' } })).output
  const said = wanted.exec(output)
  if (said) console.log(`ok: ${what}: ${said[0]}`)
  else fail(`consumers: ${what}\n${output}`)
}

await installConsumers(true).catch((error) => fail(error.message))
await inTemporaryFolder(async (folder) => {
  const project = join(folder, 'project')
  await makeProject(project, (await pack(folder)).path, files)
  for (const name of ['rollup', '@rollup', 'vitest'])
    if (!existsSync(join(project, 'node_modules', name))) symlinkSync(join(tools, name), join(project, 'node_modules', name))
  for (const consumer of consumers) await tryOne(project, consumer)
}).catch((error) => fail(error.message))
