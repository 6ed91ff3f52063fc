// `node bench/footprint.mjs [--imports 15]`: bytes on the wire, of a payload and of the package, and the time that its import takes.
import { parseArgs } from 'node:util'
import { circumstances } from '../test/support/circumstances.mjs'
import { loadEngines, owner } from '../test/support/engines.mjs'
import { inTemporaryFolder } from '../test/support/processes.mjs'
import { prepare } from './prepare.mjs'
import { save } from './report.mjs'

const { values } = parseArgs({ options: { imports: { type: 'string', default: '15' } } })
const imports = Number(values.imports)
if (!(imports > 0)) throw new TypeError('imports is a positive number')

prepare()
const loaded = await loadEngines()
// Only now is everything there.
const { measureHttp } = await import('./footprint/http.mjs')
const { measureImports } = await import('./footprint/imports.mjs')
const { measurePackages } = await import('./footprint/packages.mjs')
const { measurePayloads } = await import('./footprint/payloads.mjs')
const { markdown } = await import('./footprint/report.mjs')
const { measureTraffic } = await import('./footprint/traffic.mjs')

const said = (what) => process.stderr.write(`${what}\n`)

async function measureAll() {
  const http = await measureHttp()
  said('requests')
  const payloads = await measurePayloads()
  said('payloads')
  const traffic = await measureTraffic(loaded, owner)
  said('traffic')
  return inTemporaryFolder(async (folder) => {
    const { places, ...packages } = await measurePackages(folder)
    said('packages')
    return { http, payloads, traffic, packages, imports: await measureImports(places, imports) }
  })
}

const command = ['node bench/footprint.mjs', ...process.argv.slice(2)].join(' ')
const names = ['fastify', 'fastify-scs', '@fastify/session', '@fastify/cookie', '@mgcrea/fastify-session', 'express-session']
const report = { ...circumstances(command, names), times: imports, ...(await measureAll()) }
const text = markdown(report)
save('footprint', report, text)
process.stdout.write(text)
process.exit()
