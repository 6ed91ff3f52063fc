import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root, run } from './processes.mjs'

export const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** The packages that the package loads only for who uses them. */
export const optionalPeers = Object.keys(manifest.peerDependenciesMeta ?? {}).filter((name) => manifest.peerDependenciesMeta[name].optional)

const orThrow = (ended) => {
  if (!ended.ok) throw new Error(ended.output)
  return ended.output
}

/** Packs the built package into a folder. Returns what npm says of it: `path`, `size`, `unpackedSize`, `files`. */
export async function pack(folder) {
  orThrow(await run(process.execPath, [join(root, 'scripts/build.mjs')]))
  return await packBuilt(folder)
}

/** The same, of a checkout that is built: while other tests run, nobody builds. */
export async function packBuilt(folder) {
  const output = orThrow(await run('npm', ['pack', '--json', '--silent', '--ignore-scripts', '--pack-destination', folder]))
  const [packed] = Object.values(JSON.parse(output.slice(output.search(/^[[{]/m))))
  return { ...packed, path: join(folder, packed.filename) }
}

/** The names of the packages in a node_modules folder, the scoped ones too. */
function packagesIn(folder) {
  const names = readdirSync(folder).filter((name) => !name.startsWith('.'))
  return names.flatMap((name) => (name.startsWith('@') ? readdirSync(join(folder, name)).map((rest) => `${name}/${rest}`) : [name]))
}

function link(project, name) {
  const path = join(project, 'node_modules', name)
  mkdirSync(dirname(path), { recursive: true })
  if (!existsSync(path)) symlinkSync(join(root, 'node_modules', name), path, 'junction')
}

/**
 * Makes a project that has the packed package installed, without the network: unpacked, beside links to what it asks for. `all` links
 * everything that the checkout has; otherwise what the package forgot to declare is missing, as it would be for its users.
 */
export async function installPacked(project, tarball, { all = false } = {}) {
  const target = join(project, 'node_modules', manifest.name)
  mkdirSync(target, { recursive: true })
  orThrow(await run('tar', ['-xzf', tarball, '-C', target, '--strip-components=1']))
  const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }).filter((name) => !optionalPeers.includes(name))
  for (const name of all ? packagesIn(join(root, 'node_modules')) : declared) link(project, name)
}
