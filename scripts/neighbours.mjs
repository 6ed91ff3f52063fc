// `node scripts/neighbours.mjs`: installs the packages that the recipes are tried beside into test/neighbours, by its lock. Whoever installs the
// project does not wait for them.
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { fail, root, run } from '../test/support/processes.mjs'

/** There is one Fastify: its types are augmented once, and a plugin is registered with the application's own. TypeBox likewise. */
const SHARED = ['fastify', 'typebox']

/** npm's own record of what it installed has every version, as the lock has. */
function isInstalled(folder, all) {
  const versionsIn = (file) => {
    if (!existsSync(file)) return undefined
    const entries = Object.entries(JSON.parse(readFileSync(file, 'utf8')).packages)
    return new Map(entries.filter(([path]) => path !== '').map(([path, { version }]) => [path, version]))
  }
  const installed = versionsIn(join(folder, 'node_modules/.package-lock.json'))
  if (installed === undefined) return false
  // What is missing was meant for another platform: nothing else is left out.
  const wanted = versionsIn(join(folder, 'package-lock.json'))
  const { devDependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  if (all && Object.keys(devDependencies).some((name) => !installed.has(`node_modules/${name}`))) return false
  return [...installed].every(([path, version]) => wanted.get(path) === version)
}

function link(target, path) {
  if (existsSync(path) && lstatSync(path).isSymbolicLink()) return
  rmSync(path, { recursive: true, force: true })
  // A relative one still holds when the checkout was moved.
  symlinkSync(relative(dirname(path), target), path, 'dir')
}

/** Installs the packages of a folder where they are missing or were changed. Throws, in one sentence, when that fails. */
async function install(name, all) {
  const folder = join(root, name)
  if (isInstalled(folder, all)) return
  const flags = ['--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', ...(all ? [] : ['--omit=dev'])]
  const { ok, output } = await run('npm', ['ci', ...flags], { env: { NODE_OPTIONS: '' } })
  if (!ok) throw new Error(`npm could not install the packages of ${name}\n${output}`)
}

/** What the package is bundled and compiled by; with `all` also what is large, for `npm run consumers`. */
export const installConsumers = (all = false) => install('test/consumers', all)

export async function installNeighbours() {
  await install('test/neighbours', true)
  const packages = join(root, 'test/neighbours/node_modules')
  for (const name of SHARED) link(join(root, 'node_modules', name), join(packages, name))
  // The programs are compiled into build/neighbours, and find their packages above them.
  mkdirSync(join(root, 'build/neighbours'), { recursive: true })
  link(packages, join(root, 'build/neighbours/node_modules'))
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await installNeighbours().catch((error) => fail(error.message))
