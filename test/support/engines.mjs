import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './processes.mjs'

const node = (...args) => execFileSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })

/** Builds the package where it is missing or older than its sources. */
export function buildPackage() {
  if (builtAt() < changedAt()) node('scripts/build.mjs')
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

let compiled = false

/** Compiles the sources and the tests into build/, each file by itself, once. */
export function compileFiles() {
  if (!compiled) execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'], { cwd: root, stdio: 'inherit' })
  compiled = true
}

/** Compiles the private servers of the tests with all the rest, and returns the engines on which sessions can be kept. */
export async function loadEngines() {
  compileFiles()
  return await import('../../build/test/support/faults/databases.js')
}

/** What has to be undone at the end, in the reverse order. */
export function owner() {
  const undo = []
  return {
    teardown: (work) => void undo.push(work),
    async end() {
      for (const work of undo.reverse()) await work()
    },
  }
}
