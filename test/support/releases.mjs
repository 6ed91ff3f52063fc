import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './processes.mjs'

/** npm's packages of Node, each a release for one platform. They are kept where an `npm ci` removes them. Returns the folder whose bin/ has the release. */
export async function installNode(release) {
  const prefix = join(root, 'node_modules/.cache/nodes', release)
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const name = `node-${platform}-${process.arch}`
  const folder = join(prefix, 'node_modules', name)
  if (!existsSync(folder)) {
    mkdirSync(prefix, { recursive: true })
    writeFileSync(join(prefix, 'package.json'), '{ "private": true }')
    const { ok, output } = await run('npm', ['install', '--no-audit', '--no-fund', `${name}@${release}`], { cwd: prefix })
    if (!ok) throw new Error(`nodes: npm could not install ${name}@${release}\n${output}`)
  }
  return folder
}
