import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Compiles the package with the private servers that its tests use, and gives the engines on which sessions can be kept. */
export async function loadEngines() {
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json'], { cwd: root, stdio: 'inherit' })
  return await import('../build/test/support/faults/databases.js')
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
