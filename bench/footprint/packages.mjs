import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pack } from '../../test/support/consumer.mjs'
import { run } from '../../test/support/processes.mjs'

const PEERS = {
  '@fastify/session': ['@fastify/session', '@fastify/cookie'],
  '@mgcrea/fastify-session': ['@mgcrea/fastify-session', '@fastify/cookie'],
  'express-session': ['express-session'],
  fastify: ['fastify'],
}

const FLAGS = [
  '--omit=peer',
  '--omit=dev',
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
  '--no-package-lock',
  '--prefer-offline',
  '--silent',
]

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

function sizeOf(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return {
    files: files.length,
    bytes: files.reduce((sum, { parentPath, path, name }) => sum + statSync(join(parentPath ?? path, name)).size, 0),
  }
}

/** Each installed package with its own files, those that are nested in it left out. */
function installed(folder) {
  const { packages } = JSON.parse(readFileSync(join(folder, 'node_modules/.package-lock.json'), 'utf8'))
  const sizes = Object.entries(packages).map(([path, { version }]) => ({ path, version, bytes: sizeOf(join(folder, path)).bytes }))
  return sizes.map(({ path, version, bytes }) => {
    const nested = sizes.filter((other) => other.path.startsWith(`${path}/node_modules/`) && depthOf(other.path) === depthOf(path) + 1)
    return {
      name: path.slice(path.lastIndexOf('node_modules/') + 13),
      version,
      bytes: bytes - nested.reduce((sum, each) => sum + each.bytes, 0),
    }
  })
}

const depthOf = (path) => path.split('node_modules/').length

/** Installs each with what it needs to run, in a folder of its own. Gives the folders as well, for who wants to import from them. */
export async function measurePackages(folder) {
  const packed = await pack(folder)
  const wanted = { 'fastify-scs': [packed.path], ...Object.fromEntries(Object.entries(PEERS).map(([name, all]) => [name, all.map(exact)])) }
  const results = []
  for (const [name, specs] of Object.entries(wanted)) {
    const place = join(folder, name.replace('/', '-').replace('@', ''))
    await install(place, specs)
    results.push({ name, place, packages: installed(place) })
  }
  const known = new Set(results.find(({ name }) => name === 'fastify').packages.map(({ name, version }) => `${name}@${version}`))
  const sum = (packages) => packages.reduce((total, { bytes }) => total + bytes, 0)
  return {
    packed: { files: packed.files.length, size: packed.size, unpackedSize: packed.unpackedSize },
    places: Object.fromEntries(results.map(({ name, place }) => [name, place])),
    installs: results.map(({ name, packages }) => ({
      name,
      bytes: sum(packages),
      beyondFastify: name === 'fastify' ? 0 : sum(packages.filter((each) => !known.has(`${each.name}@${each.version}`))),
      packages,
    })),
  }
}
