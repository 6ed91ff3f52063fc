import { execSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const bench = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('..', import.meta.url))

const run = (command, cwd) => execSync(command, { cwd, stdio: ['ignore', 'ignore', 'inherit'] })

/** Installs what is compared, and builds the package, where that is missing or older than its sources. */
export function prepare() {
  if (!existsSync(join(bench, 'node_modules/echarts'))) run('npm ci --no-audit --no-fund --loglevel=error', bench)
  buildPackage()
}

/** Builds the package, where that is missing or older than its sources. */
export function buildPackage() {
  if (builtAt() < changedAt()) run('npm run --silent build', root)
}

function builtAt() {
  const built = join(root, 'dist/index.js')
  return existsSync(built) ? statSync(built).mtimeMs : 0
}

function changedAt() {
  const folders = ['lib', 'stores', 'types'].flatMap((folder) => {
    const names = readdirSync(join(root, folder), { recursive: true })
    return names.filter((name) => name.endsWith('.ts')).map((name) => join(root, folder, name))
  })
  return Math.max(...[join(root, 'index.ts'), ...folders].map((file) => statSync(file).mtimeMs))
}
