// `node scripts/sqlite-driver.mjs`: compiles better-sqlite3 for this Node into build/, from where only the tests load it. Whoever installs the
// package does not wait for that.
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { fail, root, run } from '../test/support/processes.mjs'

/** Version 13 wants Node 22; version 12 ends the process on Node 24.19 and later (nodejs/node#65446). */
const DRIVER = Number.parseInt(process.versions.node, 10) < 22 ? 'better-sqlite3@12' : 'better-sqlite3@13'
const folder = join(root, 'build')

/** In a process of its own: what is compiled for another Node could not be loaded a second time in this one. */
async function works() {
  const program = "new (require('better-sqlite3'))(':memory:').close()"
  return (await run(process.execPath, ['-e', program], { cwd: folder, env: { NODE_OPTIONS: '' } })).ok
}

/** Installs the driver where it is missing or was compiled for another Node. Throws, in one sentence, when that fails. */
export async function installSqliteDriver() {
  mkdirSync(folder, { recursive: true })
  if (await works()) return
  rmSync(join(folder, 'node_modules'), { recursive: true, force: true })
  const flags = ['--prefix', folder, '--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--silent']
  const { output } = await run('npm', ['install', ...flags, DRIVER], { env: { NODE_OPTIONS: '' } })
  if (await works()) return
  throw new Error(
    `The tests of SqliteStore need ${DRIVER}, which npm could not install into build/: a C++ compiler may be missing\n${output}`,
  )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await installSqliteDriver().catch((error) => fail(error.message))
