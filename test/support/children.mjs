import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { root } from './processes.mjs'

const CHILD = fileURLToPath(new URL('child.mjs', import.meta.url))

/** Two cores, one for the servers and one for the client; undefined where processes cannot be pinned. */
const CORES = findCores()
export const isPinned = CORES !== undefined

function findCores() {
  const { stdout, status } = spawnSync('taskset', ['-cp', String(process.pid)], { encoding: 'utf8' })
  if (status !== 0) return undefined
  const parts = stdout.slice(stdout.lastIndexOf(':') + 1).split(',')
  const cores = parts.flatMap((part) => {
    const [from, to = from] = part.trim().split('-').map(Number)
    return Array.from({ length: to - from + 1 }, (_, i) => from + i)
  })
  return cores.length < 2 ? undefined : { server: cores[0], client: cores[1] }
}

/** This process, and what it starts without a word on cores, databases say, goes where the client is. */
export function stayWithClient() {
  if (isPinned) spawnSync('taskset', ['-acp', String(CORES.client), String(process.pid)])
}

/** Starts a program, on the core of the servers or of the client if one is named. */
export function start(side, command, options) {
  const [program, ...args] = isPinned && side !== undefined ? ['taskset', '-c', String(CORES[side]), ...command] : command
  return spawn(program, args, options)
}

/** Calls a function of a module, whose path begins at the checkout, in a process of its own. Resolves with the process and its first message. */
async function begin(module, name, input, { node = process.execPath, flags = [], env = {}, side, stderr = 'inherit' } = {}) {
  const command = [node, ...flags, CHILD, pathToFileURL(join(root, module)).href, name, JSON.stringify(input)]
  const child = start(side, command, { stdio: ['ignore', 'inherit', stderr, 'ipc'], env: { ...process.env, ...env } })
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    said += text
  })
  const ended = once(child, 'close').then(([code]) => {
    throw Object.assign(new Error(`${module} ${name} ended with ${code}`), { crash: said })
  })
  ended.catch(() => {})
  // Whatever a process sent is heard before its channel closes.
  const answer = await Promise.race([once(child, 'message'), once(child, 'disconnect').then(() => ended)])
  if (answer[0].mistake !== undefined) throw new Error(answer[0].mistake)
  return { child, first: answer[0] }
}

/** What a function returns in a process of its own. When that process crashes, the error has a `crash`: what it wrote to standard error. */
export async function job(module, name, input, options) {
  const { first } = await begin(module, name, input, options)
  return first.value
}

/** A server in a process of its own, of this Node or the one whose path is `node`: its port and pid, a way to ask it something, and one to end it. */
export async function serve(module, name, input, options) {
  const { child, first } = await begin(module, name, input, { ...options, env: { NODE_ENV: 'production' } })
  const ask = async (question) => {
    child.send(question)
    return (await once(child, 'message'))[0]
  }
  const stop = async () => {
    if (!child.connected) return
    const gone = once(child, 'exit')
    child.disconnect()
    await gone
  }
  return { port: first.port, pid: child.pid, ask, stop }
}

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
