import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Report } from './program.ts'

const run = promisify(execFile)
const PROGRAM = fileURLToPath(new URL('program.js', import.meta.url))

/**
 * Runs schedules in a process of their own, of which tap knows nothing: there it would count the lines that are covered, which makes them
 * three times as slow, and finds none that other tests do not cover.
 */
export async function apart(...args: readonly (string | number)[]): Promise<Report> {
  const node = ['-u', 'NODE_OPTIONS', '-u', 'NODE_V8_COVERAGE', process.execPath, PROGRAM, ...args.map(String)]
  const { stdout } = await run('env', node, { maxBuffer: 1 << 28 })
  return JSON.parse(stdout) as Report
}
