import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** The checkout. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

// Named by file: other packages of the tree bring a `tsc` of their own.
const tools = {
  tsc: 'typescript/bin/tsc',
  tap: 'tap/dist/esm/run.mjs',
  publint: 'publint/src/cli.js',
  attw: '@arethetypeswrong/cli/dist/index.js',
  biome: '@biomejs/biome/bin/biome',
}

/** Runs a command without input. `output` is all that it wrote; `each` gets it line by line, as it comes. */
export function run(command, args, { cwd = root, env = {}, each } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk) => {
        output += chunk
      })
      if (each) createInterface({ input: stream }).on('line', each)
    }
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ ok: code === 0, code: code ?? signal, output }))
  })
}

/** Runs a tool of the checkout under this Node. */
export function tool(name, args, options) {
  return run(process.execPath, [join(root, 'node_modules', tools[name]), ...args], options)
}

/** The files below a folder of the checkout, relative to that, with `/`; without packages. */
export function filesBelow(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.name === 'node_modules') return []
    return entry.isDirectory() ? filesBelow(path) : [path]
  })
}

/** Runs `work` with a new empty folder, which is gone afterwards. */
export async function inTemporaryFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'fastify-scs-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Says what failed, in full, and makes the exit code 1. */
export function fail(message) {
  console.error(message.trimEnd())
  process.exitCode = 1
}
