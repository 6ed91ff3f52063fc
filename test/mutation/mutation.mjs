import { execSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fail, root } from '../support/processes.mjs'

const folder = join(root, 'test/mutation')
if (!existsSync(join(folder, 'node_modules'))) {
  execSync('npm ci --no-audit --no-fund --loglevel=error', { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
}
// Not before: it needs what was just installed.
const { mutate } = await import('./run.mjs')
const args = process.argv.slice(2)
const names = args.filter((arg) => !arg.startsWith('--'))
await mutate(names, { again: args.includes('--again'), doubt: args.includes('--doubt') }).then(
  (wrong) => wrong && fail(wrong),
  (error) => fail(error.stack),
)
