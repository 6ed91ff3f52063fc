import { copyFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { installPacked, manifest, pack } from '../test/support/consumer.mjs'
import { fail, inTemporaryFolder, root, tool } from '../test/support/processes.mjs'

const folder = join(root, 'test/types')
const names = existsSync(folder) ? readdirSync(folder).sort() : []
const tests = names.filter((name) => name.endsWith('.test-d.ts'))

const strict = {
  target: 'es2022',
  lib: ['es2023', 'es2024.string', 'esnext.disposable'],
  module: 'nodenext',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  types: ['node'],
  typeRoots: [join(root, 'node_modules/@types')],
  noEmit: true,
}

/** The package's imports, led to the sources that they are made of. */
function sourcePaths() {
  const entries = Object.entries(manifest.exports).filter(([, target]) => target.types)
  const source = (types) => join(root, types.replace('./dist/', '').replace(/\.d\.ts$/, '.ts'))
  return Object.fromEntries(entries.map(([name, target]) => [name.replace('.', manifest.name), [source(target.types)]]))
}

/** Compiles one file as a program of its own: an augmentation is global to its program. */
async function compile(project, file, name, options) {
  const config = join(project, `tsconfig.${name}.json`)
  writeFileSync(config, JSON.stringify({ compilerOptions: { ...strict, ...options }, files: [file] }))
  const { ok, output } = await tool('tsc', ['-p', config], { cwd: project })
  if (!ok) fail(`types: ${name}\n${output}`)
}

function againstSource(project, test) {
  const options = { skipLibCheck: true, paths: sourcePaths(), allowImportingTsExtensions: true }
  return compile(project, join(folder, test), `${test}.source`, options)
}

/** `extension` `cts` makes the same test a CommonJS module that requires the package. */
function againstPackage(project, test, extension, skipLibCheck) {
  const copy = join(project, test.replace(/ts$/, extension))
  copyFileSync(join(folder, test), copy)
  return compile(project, copy, `${test}.packed.${extension}.skipLibCheck-${skipLibCheck}`, { skipLibCheck })
}

/** Runs jobs, as many at a time as there are processors. */
async function inParallel(jobs) {
  const left = jobs.values()
  const work = async () => {
    for (const job of left) await job()
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
}

await inTemporaryFolder(async (project) => {
  const { path } = await pack(project)
  await installPacked(project, path, { all: true })
  const jobs = tests.flatMap((test) => [
    () => againstSource(project, test),
    () => againstPackage(project, test, 'ts', true),
    // Every declaration file of the program is checked, ours and those of the packages that they name.
    () => againstPackage(project, test, 'ts', false),
    () => againstPackage(project, test, 'cts', true),
  ])
  if (jobs.length === 0) fail('types: test/types holds no test')
  await inParallel(jobs)
  if (!process.exitCode) console.log(`types: ${tests.length} files, ${jobs.length} programs hold`)
}).catch((error) => fail(error.message))
