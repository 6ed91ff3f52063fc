// `npm run consumers`: an application with the packed package, bundled, compiled, tested, installed and run in each way that docs/bundling.md names.
// `npm run consumers -- jest bun` tries those with these words in their names.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pack } from '../test/support/consumer.mjs'
import * as consumers from '../test/support/consumers.mjs'
import { onServer } from '../test/support/databases.mjs'
import { fail, inTemporaryFolder, root } from '../test/support/processes.mjs'
import { installNode } from '../test/support/releases.mjs'
import { installPackages } from './neighbours.mjs'
import { installServers } from './servers.mjs'

const { allStores, both, compile, tools } = consumers
const node = process.execPath
const tool = (file) => join(tools, file)

/** The program of a package that brings one for each platform. npm installs that of this one. */
const platformTool = (scope, file) => join(tools, scope, readdirSync(join(tools, scope))[0], file)

function bundlers({ alone }) {
  const plugins = ['node-resolve', 'commonjs={transformMixedEsModules:true}', 'json'].flatMap((each) => ['-p', each])
  const rollup = (format, out) => ({
    name: `rollup to ${format}`,
    commands: [
      [
        node,
        tool('rollup/dist/bin/rollup'),
        'app.mjs',
        '--silent',
        '-f',
        format,
        '-o',
        out,
        '-e',
        'lmdb',
        '--inlineDynamicImports',
        ...plugins,
      ],
      [node, out],
    ],
    says: allStores,
  })
  const out = join(alone, 'compiled')
  const bun = ['build', '--compile', '--compile-autoload-package-json', '--external', 'lmdb', '--outfile', out, 'app.mjs']
  return [
    rollup('es', join(alone, 'rollup.mjs')),
    rollup('cjs', join(alone, 'rollup.cjs')),
    { name: 'bun build --compile', commands: [[platformTool('@oven', 'bin/bun'), ...bun], [out]], says: allStores },
  ]
}

const compilers = ['5.9', '7'].flatMap((release) => [
  ...['node16', 'nodenext'].map((module) => compile(release, `module=${module}`, both)),
  ...['module=node16', 'module=nodenext', 'module=esnext moduleResolution=bundler'].map((settings) =>
    compile(release, settings, ['app.ts']),
  ),
  compile(release, 'module=nodenext', ['common/app.ts']),
])

/** One error, about TypeBox itself. */
const refused = {
  ...compile('7', 'module=node16', ['common/app.ts']),
  name: 'TypeScript 7, module=node16: common/app.ts is refused for TypeBox',
  says: /^common\/app\.ts.* TS1479: .*import\("typebox"\).*\n( .*\n)*$/,
  fails: true,
}

const old = compile('5.9', 'module=commonjs moduleResolution=node10', ['types/common.cts', 'types/module.mts'])

function runtimes(releases) {
  return [
    { name: 'bun', commands: [[platformTool('@oven', 'bin/bun'), 'app.mjs']], says: allStores },
    { name: 'deno', commands: [[platformTool('@deno', 'deno'), 'run', '-A', '--node-modules-dir=manual', 'app.mjs']], says: allStores },
    consumers.tsx('common/app.ts'),
    ...Object.entries(releases).map(([release, command]) => consumers.stripped(command, release)),
  ]
}

function runners(releases) {
  const jest = (name, command, file, says = /1 passed/) => ({
    name: `Jest, ${name}: ${file}`,
    commands: [[...command, tool('jest/bin/jest.js'), '--ci', `tests/${file}`]],
    says,
    fails: !says.test('1 passed'),
  })
  const modules = (release) => [releases[release], '--experimental-vm-modules']
  return [
    { name: 'vitest', commands: [[node, tool('vitest/vitest.mjs'), 'run', 'tests/vitest']], says: /1 passed/ },
    jest('as it comes, Node 24', [releases[24]], 'jest-require.test.cjs', /Must use import to load ES Module/),
    ...['import.test.mjs', 'schema.test.mjs', 'require.test.cjs'].map((file) => jest('vm modules, Node 24', modules(24), `jest-${file}`)),
    jest('vm modules, Node 22', modules(22), 'jest-import.test.mjs'),
    jest('vm modules, Node 22', modules(22), 'jest-schema.test.mjs', /Must use import to load ES Module/),
  ]
}

/** The application in a folder of its own, which a package manager is to fill. */
function unfilled(place, tarball, name, settings = {}) {
  const cwd = join(place, name)
  mkdirSync(cwd)
  // An application of its own, whatever lies above it.
  writeFileSync(join(cwd, 'yarn.lock'), '')
  for (const file of ['app.mjs', 'visit.mjs']) copyFileSync(join(consumers.folder, 'application', file), join(cwd, file))
  const versionOf = (each) => JSON.parse(readFileSync(join(root, 'node_modules', each, 'package.json'), 'utf8')).version
  const drivers = ['fastify', 'typebox', 'ioredis', 'pg', 'lmdb'].map((each) => [each, versionOf(each)])
  const dependencies = { 'fastify-scs': `file:${tarball}`, ...Object.fromEntries(drivers) }
  writeFileSync(join(cwd, 'package.json'), JSON.stringify({ name, private: true, type: 'module', dependencies, ...settings }))
  return cwd
}

function managers(place, tarball, releases) {
  const pnpm = ['install', '--store-dir', join(place, 'pnpm-store'), '--ignore-scripts']
  const yarn = tool('@yarnpkg/cli-dist/bin/yarn.js')
  const settings = { NODE_LINKER: 'pnp', GLOBAL_FOLDER: join(place, 'yarn-cache'), ENABLE_TELEMETRY: '0', ENABLE_SCRIPTS: '0' }
  const env = Object.fromEntries(Object.entries(settings).map(([name, value]) => [`YARN_${name}`, value]))
  const installed = (name, command, install, program, manifest) => ({
    name,
    cwd: unfilled(place, tarball, name, manifest),
    env,
    commands: [
      [command, ...install],
      [command, ...program],
    ],
    says: allStores,
  })
  const unplugged = { dependenciesMeta: { typebox: { unplugged: true } } }
  return [
    installed('pnpm', node, [tool('pnpm/bin/pnpm.cjs'), ...pnpm], ['app.mjs']),
    installed('Yarn PnP, TypeBox unplugged', node, [yarn, 'install', '--no-immutable'], [yarn, 'node', 'app.mjs'], unplugged),
    installed('Yarn PnP, Node 24', releases[24], [yarn, 'install', '--no-immutable'], [yarn, 'node', 'app.mjs']),
  ]
}

async function tryAll(cases, places, urls) {
  let failed = 0
  for (const [i, consumer] of cases.entries()) {
    const wrong = await consumers.wrongOf(consumer, { ...places, env: { ...urls, DATA: join(places.alone, `data-${i}`) } })
    console.log(`${wrong === undefined ? 'ok  ' : 'FAIL'}  ${consumer.name}`)
    if (wrong !== undefined) fail(wrong)
    failed += wrong === undefined ? 0 : 1
  }
  console.log(`${cases.length - failed} passed, ${failed} failed`)
}

async function main(words) {
  await installServers()
  await installPackages(consumers.folder)
  const releases = {}
  for (const release of ['22', '24', '26']) releases[release] = join(await installNode(release), 'bin/node')
  await inTemporaryFolder(async (folder) => {
    const { path } = await pack(folder)
    const places = await consumers.makeApplication(folder, path)
    for (const name of readdirSync(tools).filter((name) => /^(@rollup|rollup|vitest)$/.test(name)))
      symlinkSync(tool(name), join(places.project, 'node_modules', name), 'junction')
    const slow = [
      ...bundlers(places),
      ...compilers,
      old,
      refused,
      ...runtimes(releases),
      ...runners(releases),
      ...managers(folder, path, releases),
    ]
    const cases = [...new Map([...consumers.quickConsumers(places), ...slow].map((each) => [each.name, each])).values()]
    const wanted = cases.filter(({ name }) => words.length === 0 || words.some((word) => name.toLowerCase().includes(word.toLowerCase())))
    await onServer('Redis', [], ({ port: redis }) =>
      onServer('PostgreSQL', [], ({ port }) =>
        tryAll(wanted, places, { REDIS: `redis://127.0.0.1:${redis}`, POSTGRES: `postgres://postgres@127.0.0.1:${port}/postgres` }),
      ),
    )
  })
}

await main(process.argv.slice(2)).catch((error) => fail(error.message))
