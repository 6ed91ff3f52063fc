// How an application with the package is bundled, compiled and run: what `npm test` has time for. scripts/consumers.mjs has the rest.
import { copyFileSync, cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { installPacked } from './consumer.mjs'
import { root, run } from './processes.mjs'

export const folder = join(root, 'test/consumers')
export const tools = join(folder, 'node_modules')
const node = process.execPath

/** Makes the application in a new folder: `project` has the packed package and its drivers, `alone` is a place for bundles, with nothing but LMDB. */
export async function makeApplication(place, tarball) {
  const [project, alone] = ['project', 'alone'].map((name) => join(place, name))
  cpSync(join(folder, 'application'), project, { recursive: true })
  copyFileSync(join(project, 'app.ts'), join(project, 'common/app.ts'))
  await installPacked(project, tarball, { all: true })
  mkdirSync(join(alone, 'node_modules'), { recursive: true })
  symlinkSync(join(root, 'node_modules/lmdb'), join(alone, 'node_modules/lmdb'), 'junction')
  return { project, alone }
}

/** What app.mjs prints when it worked. */
export const allStores = /^memory: ada\nlmdb: ada\nredis: ada\npostgres: ada\n(sqlite: ada\n)?$/m
export const inMemory = /^memory: ada$/m

/** Before an ES module that has CommonJS in it, by the names that are usual. */
const banner = `import { createRequire } from 'module'
import path, { dirname, join } from 'path'
import { fileURLToPath } from 'url'
const require = createRequire(import.meta.url)
const __filename = fileURLToPath(import.meta.url)
const __dirname = dirname(__filename)`

/** A case: its name, its commands, one after the other, what the last must say, and where it must differ: `cwd`, `env`, `fails`. */
function esbuild(what, format, alone, more = []) {
  const out = join(alone, `esbuild.${format === 'esm' ? 'mjs' : 'cjs'}`)
  const flags = ['--bundle', '--platform=node', `--format=${format}`, `--outfile=${out}`, '--external:lmdb', '--log-level=warning', ...more]
  return {
    name: `esbuild to ${what}`,
    commands: [
      [node, join(tools, 'esbuild/bin/esbuild'), 'app.mjs', ...flags],
      [node, out],
    ],
    says: allStores,
  }
}

const compilers = { 5.9: join(tools, 'typescript-5.9/bin/tsc'), 7: join(root, 'node_modules/typescript/bin/tsc') }

/** `settings` are the compiler's, libraries are checked. */
export function compile(release, settings, files) {
  const flags = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--esModuleInterop', '--target', 'es2022', '--types', 'node']
  return {
    name: `TypeScript ${release}, ${settings}: ${files.join(', ')}`,
    commands: [
      [node, compilers[release], ...flags, ...settings.split(' ').flatMap((each) => each.replace(/^/, '--').split('=')), ...files],
    ],
    says: /^$/,
  }
}

/** Modules of both kinds in one program. */
export const both = ['types/module.mts', 'types/common.cts']

export const tsx = (file) => ({ name: `tsx: ${file}`, commands: [[node, join(tools, 'tsx/dist/cli.mjs'), file]], says: inMemory })

export const stripped = (command, release) => ({ name: `type stripping: Node ${release}`, commands: [[command, 'app.ts']], says: inMemory })

/** What `npm test` tries. */
export function quickConsumers({ alone }) {
  return [
    esbuild('ESM', 'esm', alone, [`--banner:js=${banner}`]),
    esbuild('CommonJS', 'cjs', alone),
    compile('5.9', 'module=node16', both),
    compile('7', 'module=nodenext', both),
    tsx('app.ts'),
    ...(process.features.typescript ? [stripped(node, process.version)] : []),
  ]
}

/** Tries a case in the application, or where it says. Returns what it said when that is wrong, otherwise undefined. */
export async function wrongOf({ commands, says, cwd, env, fails = false }, places) {
  const always = { NODE_PATH: '', NO_COLOR: '1' }
  let ended = { ok: true, output: '' }
  // By `env`: the test runner puts its loaders into the NODE_OPTIONS of the processes that a test starts.
  for (const [command, ...args] of commands)
    if (ended.ok)
      ended = await run('env', ['-u', 'NODE_OPTIONS', command, ...args], {
        cwd: cwd ?? places.project,
        env: { ...always, ...places.env, ...env },
      })
  return ended.ok !== fails && says.test(ended.output) ? undefined : `${ended.output}\nended with ${ended.code}`
}
