import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

/**
 * The processor time that a process and its children have used so far, in microseconds; those that ended are in their parent's sum. Undefined
 * where there is no /proc.
 */
export function treeTime(pid) {
  if (!existsSync('/proc/self/stat')) return undefined
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const own = statOf(pid)
  const children = all.map(statOf).filter((stat) => stat?.parent === pid)
  const ticks = own.used + own.ended + children.reduce((sum, { used, ended }) => sum + used + ended, 0)
  return (ticks / ticksPerSecond()) * 1e6
}

function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name comes second, in brackets, and may hold blanks.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    return { parent: fields[1], used: fields[11] + fields[12], ended: fields[13] + fields[14] }
  } catch {
    return undefined
  }
}

let known
function ticksPerSecond() {
  known ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
  return known
}
