import { execSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { buildPackage } from '../test/support/engines.mjs'
import { root } from '../test/support/processes.mjs'

/** Installs what is compared, and builds the package, where that is missing or older than its sources. */
export function prepare() {
  const cwd = join(root, 'bench')
  const isInstalled = existsSync(join(cwd, 'node_modules/echarts'))
  if (!isInstalled) execSync('npm ci --no-audit --no-fund --loglevel=error', { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
  buildPackage()
}
