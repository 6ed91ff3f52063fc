import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { LIMIT } from './limit.ts'

/** Runs a module in a process of its own, which has to end by itself. Its relative imports are seen from here. Returns what it printed. */
export async function inChild(code: string, flags: readonly string[] = []): Promise<string> {
  const absolute = (path: string) => JSON.stringify(new URL(path, import.meta.url).href)
  const module = code.replace(/(from |import\()'(\.[^']+)'/g, (_, before: string, path: string) => before + absolute(path))
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, '--input-type=module', '--eval', module], { timeout: LIMIT })
  return stdout
}
