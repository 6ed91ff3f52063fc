import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { pathToFileURL } from 'node:url'
import { installPacked, manifest, optionalPeers, pack } from '../test/support/consumer.mjs'
import { fail, inTemporaryFolder, root, run, tool } from '../test/support/processes.mjs'

/** The first version that the range of the peer dependency allows. */
const LOWEST = /\d+\.\d+\.\d+/.exec(manifest.peerDependencies.fastify)[0]

/** Bytes, packed. */
const MAX_SIZE = 150_000
/** The entry, and what it shares with the others. */
const MAX_FILES = 2

const steps = readFileSync(join(root, 'test/support/first-steps.mjs'), 'utf8')
const names = 'defineSession, MemoryStore'
const apps = {
  'app.mjs': `import Fastify from 'fastify'\nimport scsSession, { ${names} } from '${manifest.name}'\nconst whole = scsSession\n${steps}`,
  'app.cjs': `const Fastify = require('fastify')\nconst whole = require('${manifest.name}')\nconst { default: scsSession, ${names} } = whole\n${steps}`,
}

/** Runs an application in either module system. */
async function runApps(project) {
  const { version } = JSON.parse(readFileSync(join(project, 'node_modules/fastify/package.json'), 'utf8'))
  for (const [name, text] of Object.entries(apps)) {
    writeFileSync(join(project, name), text)
    const { ok, output } = await run(process.execPath, [name], { cwd: project })
    if (!ok || output) fail(`package: ${name} with fastify ${version}\n${output}`)
  }
  console.log(`apps: run with fastify ${version}`)
}

/** Installs the packed package beside the lowest Fastify, as npm does it for a user. */
async function installLowest(project, tarball) {
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), '{ "private": true }')
  const args = ['install', '--silent', '--no-audit', '--no-fund', '--prefer-offline', tarball, `fastify@${LOWEST}`]
  const { ok, output } = await run('npm', args, { cwd: project })
  if (!ok) throw new Error(`package: fastify@${LOWEST} was not installed\n${output}`)
}

/** What is packed by mistake. */
function strays(files, folder) {
  const names = new Set(files.map(({ path }) => path))
  const known = /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|SECURITY\.md|dist\/.+(\.c?js|\.d\.c?ts|\.map))$/
  return [...names].filter((name) => {
    if (!known.test(name) || /(^|\/)tests?\/|\.test(-d)?\./.test(name)) return true
    return name.endsWith('.map') && !hasSources(join(folder, name), name, names)
  })
}

function hasSources(path, name, names) {
  const { sources, sourcesContent = [] } = JSON.parse(readFileSync(path, 'utf8'))
  return sources.every((source, index) => sourcesContent[index] || names.has(posix.join(posix.dirname(name), source)))
}

/** Every file that `exports` names, and every subpath as a user imports it. */
async function checkExports(project, names) {
  const filesOf = (target) => (typeof target === 'string' ? [target] : Object.values(target).flatMap(filesOf))
  const targets = filesOf(manifest.exports)
  for (const target of targets) if (!names.has(posix.normalize(target))) fail(`package: exports names ${target}, which is not packed`)
  for (const subpath of Object.keys(manifest.exports).filter((subpath) => subpath !== './package.json')) {
    const name = posix.join(manifest.name, subpath)
    for (const program of [`import('${name}')`, `require('${name}')`]) {
      const { ok, output } = await run(process.execPath, ['-e', program], { cwd: project })
      if (!ok) fail(`package: ${program}\n${output}`)
    }
  }
}

/** The command runs as npm installs it: linked, executable, and without a driver. */
async function checkCommand(project) {
  const command = join(project, 'node_modules/.bin', manifest.name)
  const { ok, output } = await run(command, ['--version'], { cwd: project })
  if (!ok || output.trim() !== manifest.version) fail(`package: ${manifest.name} --version\n${output}`)
}

/** The entry loads nothing that only some of its users have, nor any driver. */
async function checkLoaded(project) {
  const flags = [
    '--import',
    pathToFileURL(join(root, 'test/support/loaded.mjs')).href,
    '--input-type=module',
    '-e',
    `import '${manifest.name}'`,
  ]
  const { ok, output } = await run(process.execPath, flags, { cwd: project })
  const loaded = output.split('\n').flatMap((line) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(line)?.[1] ?? [])
  const packages = [...new Set(loaded)].sort()
  const wrong = packages.filter((name) => !(name in manifest.dependencies) && name !== manifest.name)
  if (!ok || packages.length === 0) fail(`package: the entry was not imported\n${output}`)
  if (wrong.length > 0) fail(`package: the entry loads ${wrong.join(', ')}`)
  const own = new Set(output.split('\n').filter((line) => line.includes(`node_modules/${manifest.name}/`)))
  if (own.size > MAX_FILES) fail(`package: the entry has ${own.size} files, at most ${MAX_FILES} are allowed`)
  console.log(`entry: loads ${packages.join(', ')}; not ${optionalPeers.join(', ')}`)
}

/** Of Node it loads only what it uses: an import of `node:crypto` that is left in the bundle would load webcrypto. */
async function checkLazy(project) {
  const program = `import '${manifest.name}'\nconsole.log(process.moduleLoadList.some((name) => name.endsWith('crypto/webcrypto')))`
  const { ok, output } = await run(process.execPath, ['--input-type=module', '-e', program], { cwd: project })
  if (!ok || output.trim() !== 'false') fail(`package: the entry makes Node load webcrypto\n${output}`)
}

async function checkTool(name, args) {
  const { ok, output } = await tool(name, args)
  if (ok) console.log(`${name}: clean`)
  else fail(`package: ${name}\n${output}`)
}

await inTemporaryFolder(async (folder) => {
  const [bare, full, lowest] = ['bare', 'full', 'lowest'].map((name) => join(folder, name))
  const packed = await pack(folder)
  await installPacked(bare, packed.path)
  await installPacked(full, packed.path, { all: true })
  console.log(`packed: ${packed.files.length} files, ${packed.size} bytes, ${packed.unpackedSize} unpacked`)
  if (packed.size > MAX_SIZE) fail(`package: more than ${MAX_SIZE} bytes`)
  const stray = strays(packed.files, join(bare, 'node_modules', manifest.name))
  if (stray.length > 0) fail(`package: packed by mistake: ${stray.join(', ')}`)
  await runApps(bare)
  await checkExports(full, new Set(packed.files.map(({ path }) => path)))
  await checkLoaded(full)
  await checkLazy(full)
  await installLowest(lowest, packed.path)
  await checkCommand(lowest)
  await runApps(lowest)
  await checkTool('publint', ['--strict', packed.path])
  await checkTool('attw', [packed.path, '--no-emoji'])
}).catch((error) => fail(error.message))
