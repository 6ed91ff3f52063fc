import { spawn, spawnSync } from 'node:child_process'

/** Two cores, one for the servers and one for the client; undefined where processes cannot be pinned. */
const CORES = findCores()

export const isPinned = CORES !== undefined

function findCores() {
  const { stdout, status } = spawnSync('taskset', ['-cp', String(process.pid)], { encoding: 'utf8' })
  if (status !== 0) return undefined
  const cores = stdout
    .slice(stdout.lastIndexOf(':') + 1)
    .split(',')
    .flatMap((part) => {
      const [from, to = from] = part.trim().split('-').map(Number)
      return Array.from({ length: to - from + 1 }, (_, i) => from + i)
    })
  return cores.length < 2 ? undefined : { server: cores[0], client: cores[1] }
}

/** This process, and what it starts without a word on cores, databases say, goes where the client is. */
export function stayWithClient() {
  if (CORES !== undefined) spawnSync('taskset', ['-acp', String(CORES.client), String(process.pid)])
}

/** Starts a program on the core of the servers or of the client. */
export function start(side, command, options) {
  const [program, ...args] = CORES === undefined ? command : ['taskset', '-c', String(CORES[side]), ...command]
  return spawn(program, args, options)
}
