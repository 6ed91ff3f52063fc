import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pack } from '../../test/support/consumer.mjs'
import { run } from '../../test/support/processes.mjs'
import { interleave, spread, sum } from '../runner.mjs'

const PEERS = {
  '@fastify/session': ['@fastify/session', '@fastify/cookie'],
  '@mgcrea/fastify-session': ['@mgcrea/fastify-session', '@fastify/cookie'],
  'express-session': ['express-session'],
  fastify: ['fastify'],
}

const FLAGS = '--omit=peer --omit=dev --ignore-scripts --no-audit --no-fund --no-package-lock --prefer-offline --silent'.split(' ')

/** The version that the other comparisons run with. */
function exact(name) {
  const file = new URL(`../node_modules/${name}/package.json`, import.meta.url)
  return `${name}@${JSON.parse(readFileSync(file, 'utf8')).version}`
}

async function install(folder, specs) {
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  const { ok, output } = await run('npm', ['install', ...FLAGS, ...specs], { cwd: folder })
  if (!ok) throw new Error(`npm install ${specs.join(' ')}: ${output}`)
}

const sizeOf = (folder) =>
  sum(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, path, name }) => statSync(join(parentPath ?? path, name)).size),
  )

const NESTED = 'node_modules/'
const depthOf = (path) => path.split(NESTED).length

/** Each installed package with its own files, those that are nested in it left out. */
function installed(folder) {
  const { packages } = JSON.parse(readFileSync(join(folder, 'node_modules/.package-lock.json'), 'utf8'))
  const sizes = Object.entries(packages).map(([path, { version }]) => ({ path, version, bytes: sizeOf(join(folder, path)) }))
  return sizes.map(({ path, version, bytes }) => {
    const nested = sizes.filter((other) => other.path.startsWith(`${path}/${NESTED}`) && depthOf(other.path) === depthOf(path) + 1)
    return { name: path.slice(path.lastIndexOf(NESTED) + NESTED.length), version, bytes: bytes - sum(nested.map((each) => each.bytes)) }
  })
}

/** Installs each with what it needs to run, in a folder of its own. Returns the folders as well, for who wants to import from them. */
export async function measurePackages(folder) {
  const packed = await pack(folder)
  const wanted = { 'fastify-scs': [packed.path], ...Object.fromEntries(Object.entries(PEERS).map(([name, all]) => [name, all.map(exact)])) }
  const places = {}
  const installs = []
  for (const [name, specs] of Object.entries(wanted)) {
    places[name] = join(folder, name.replace('/', '-').replace('@', ''))
    await install(places[name], specs)
    installs.push(...installed(places[name]).map((each) => ({ for: name, ...each })))
  }
  return { packed: [{ files: packed.files.length, size: packed.size, unpackedSize: packed.unpackedSize }], places, installs }
}

const LOADED = new URL('../../test/support/loaded.mjs', import.meta.url).href
const TIMED = (name) => `const start = performance.now(); await import('${name}'); console.log(performance.now() - start)`

async function inNode(cwd, ...args) {
  const { ok, output } = await run(process.execPath, ['--input-type=module', ...args], { cwd })
  if (!ok) throw new Error(output)
  return output
}

/** The files that an import loads, and the packages that they belong to. */
async function loadedBy(name, place) {
  const output = await inNode(place, '--import', LOADED, '-e', `import '${name}'`)
  const files = output.split('\n').filter((line) => line.includes('/node_modules/'))
  const paths = new Set(files.map((line) => (line.startsWith('file:') ? fileURLToPath(line) : line)))
  const packages = [...paths].map((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1])
  return { modules: paths.size, packages: [...new Set(packages)].sort().join(', ') }
}

/** Milliseconds of imports of packages that are there, each in a process of its own. The first round brings the files into memory. */
export async function measureImports(places, times) {
  const packages = Object.entries(places).map(([name, place]) => ({ name, module: name, place }))
  const subjects = [{ name: 'an empty module', module: 'data:text/javascript,', place: process.cwd() }, ...packages]
  await interleave([subjects], { rounds: times }, async ({ module, place }) => Number(await inNode(place, '-e', TIMED(module))))
  const rows = []
  for (const { name, place, samples } of subjects)
    rows.push({ name, ...spread(samples), ...(name in places ? await loadedBy(name, place) : { modules: 0, packages: '' }) })
  return rows
}
