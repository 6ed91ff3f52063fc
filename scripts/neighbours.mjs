// `node scripts/neighbours.mjs`: installs the packages that the recipes are tried beside into test/neighbours, by its lock. Whoever installs the
// project does not wait for them.
import { copyFileSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { fail, root, run } from '../test/support/processes.mjs'

const folder = join(root, 'test/neighbours')
const packages = join(folder, 'node_modules')

/** There is one Fastify: its types are augmented once, and a plugin is registered with the application's own. TypeBox likewise. */
const SHARED = ['fastify', 'typebox']

const textOf = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined)

/**
 * Installs the packages of a folder by its lock, where they are missing or were changed; its devDependencies only with `dev`. Throws, in one sentence, when
 * that fails.
 */
export async function installPackages(folder, { dev = true } = {}) {
  const lock = join(folder, 'package-lock.json')
  // The lock by which they were installed lies beside them.
  const [whole, some] = ['.installed-by.json', '.some-installed-by.json'].map((name) => join(folder, 'node_modules', name))
  if (textOf(whole) === textOf(lock) || (!dev && textOf(some) === textOf(lock))) return
  const flags = ['--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', ...(dev ? [] : ['--omit=dev'])]
  const { ok, output } = await run('npm', ['ci', ...flags], { env: { NODE_OPTIONS: '' } })
  if (!ok) throw new Error(`npm could not install the packages of ${relative(root, folder)}\n${output}`)
  copyFileSync(lock, dev ? whole : some)
}

function link(target, path) {
  if (existsSync(path) && lstatSync(path).isSymbolicLink()) return
  rmSync(path, { recursive: true, force: true })
  // A relative one still holds when the checkout was moved.
  symlinkSync(relative(dirname(path), target), path, 'dir')
}

/** Installs what the recipes are tried beside. */
export async function installNeighbours() {
  await installPackages(folder)
  for (const name of SHARED) link(join(root, 'node_modules', name), join(packages, name))
  // The programs are compiled into build/neighbours, and find their packages above them.
  mkdirSync(join(root, 'build/neighbours'), { recursive: true })
  link(packages, join(root, 'build/neighbours/node_modules'))
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await installNeighbours().catch((error) => fail(error.message))
