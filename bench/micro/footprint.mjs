// Bytes on the wire, of a payload and of the package, and the time that its import takes.
import { inTemporaryFolder } from '../../test/support/processes.mjs'
import { measureHttp } from './http.mjs'
import { measureImports, measurePackages } from './packages.mjs'
import { measurePayloads } from './payloads.mjs'
import { measureTraffic } from './traffic.mjs'

const IMPORTS = 15
const PACKAGES = ['fastify', 'fastify-scs', '@fastify/session', '@fastify/cookie', '@mgcrea/fastify-session', 'express-session']

export async function measure({ share }) {
  const imports = Math.ceil(IMPORTS * share)
  const tables = { http: await measureHttp(), payloads: await measurePayloads(), traffic: await measureTraffic(share) }
  await inTemporaryFolder(async (folder) => {
    const { places, ...packages } = await measurePackages(folder)
    Object.assign(tables, packages, { imports: await measureImports(places, imports) })
  })
  return { packages: PACKAGES, imports, tables }
}
