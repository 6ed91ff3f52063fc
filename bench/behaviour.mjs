// How fastify-scs and others behave in the same situations: what was observed, not what is claimed.
// With the keys of rows as arguments, those rows are observed and printed, and nothing is written.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { alone } from './behaviour/alone.mjs'
import { pageOf, withTable } from './behaviour/table.mjs'

// Before the applications are made: both frameworks say more to clients while being developed with.
process.env.NODE_ENV = 'production'
process.env.NO_DEPRECATION = 'express-session'
const { startApp } = await import('./behaviour/apps.mjs')
const { libraries } = await import('./behaviour/libraries.mjs')
const { rows } = await import('./behaviour/scenarios.mjs')

// Express reports there what it answers with 500, which is what the table says.
console.error = () => {}

const PAGE = new URL('../docs/comparison.md', import.meta.url)
const wanted = process.argv.slice(2)
const chosen = wanted.length === 0 ? rows : rows.filter(({ key }) => wanted.includes(key))

async function observe(row, name) {
  if (row.alone) return alone(row, name)
  const start = (options) => startApp(name, options)
  const app = await start()
  try {
    return String(await row.see(app, start))
  } finally {
    await app.close()
  }
}

// The first request loads modules, which Node 20 does not do for several at the same time.
async function warmUp() {
  const app = await startApp('fastify-scs')
  await app.request('GET', '/me')
  await app.close()
}

async function observeAll(row) {
  const cells = await Promise.all(Object.keys(libraries).map((name) => observe(row, name)))
  process.stderr.write(`${row.key}: ${cells.join(' | ')}\n`)
  return { key: row.key, ask: row.ask, cells }
}

async function version(name) {
  const file = name === 'fastify-scs' ? '../package.json' : `node_modules/${name}/package.json`
  return JSON.parse(await readFile(new URL(file, import.meta.url), 'utf8')).version
}

async function withVersions(names) {
  return Promise.all(names.map(async (name) => ({ name, version: await version(name) })))
}

async function observations() {
  const observed = []
  await warmUp()
  for (const row of chosen) observed.push(await observeAll(row))
  return {
    node: process.versions.node,
    frameworks: await withVersions(['fastify', 'express']),
    libraries: await withVersions(Object.keys(libraries)),
    rows: observed,
  }
}

async function write(results) {
  const folder = new URL('results/', import.meta.url)
  await mkdir(folder, { recursive: true })
  await writeFile(new URL('behaviour.json', folder), `${JSON.stringify(results, null, 2)}\n`)
  await writeFile(new URL('behaviour.md', folder), pageOf(results))
  await writeFile(PAGE, withTable(await readFile(PAGE, 'utf8'), results))
}

const results = await observations()
if (wanted.length === 0) await write(results)
process.exit()
