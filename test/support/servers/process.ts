import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** What is told what to undo at its end: tap's `t` is one. */
export interface Scope {
  teardown(work: () => unknown): unknown
}

/** A server of the test's own. */
export interface Server {
  readonly port: number
  /** The folder with its data, gone after the test. */
  readonly folder: string
  /** Sends a signal to the server's process. */
  signal(name: NodeJS.Signals): void
  /** Ends it at once, as a power cut would, and waits until it is gone. */
  kill(): Promise<void>
  /** Starts it again with the data that it left, on the same port. */
  restart(): Promise<void>
}

/** What there is to start. */
export interface ServerPlan {
  readonly port: number
  readonly folder: string
  readonly command: string
  readonly args: readonly string[]
  /** Resolves when the server answers; called again and again until then. */
  readonly ready: () => Promise<unknown>
  /** Ends the process and its children. Default: SIGKILL. */
  readonly killSignal?: NodeJS.Signals
}

const PLACES = ['/usr/local/bin', '/usr/bin', '/usr/sbin', '/usr/local/sbin']

/** The path of a program. Throws, with a sentence that says what to install. */
export function programPath(name: string, debianPackage: string): string {
  const found = findProgram(name)
  if (found === undefined) throw new Error(`${name} is not installed, and these tests need it: apt-get install ${debianPackage}`)
  return found
}

/** Whether this machine has a program. */
export function hasProgram(name: string): boolean {
  return findProgram(name) !== undefined
}

function findProgram(name: string): string | undefined {
  const versions = '/usr/lib/postgresql'
  const postgres = existsSync(versions) ? readdirSync(versions).map((version) => join(versions, version, 'bin')) : []
  const places = [...(process.env['PATH'] ?? '').split(delimiter), ...PLACES, ...postgres.sort().reverse()]
  return places.map((place) => join(place, name)).find((path) => existsSync(path))
}

/** PostgreSQL and MariaDB do not run as root: then they run as nobody. */
export function unprivileged(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

/** A new folder that belongs to who runs the servers. */
export function serverFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `scs-${name}-`))
  const { uid, gid } = unprivileged()
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid)
  return folder
}

/** Ports that no system gives to outgoing connections, which could take one before its server does; nor are they with 10,000 more. */
const [FIRST_PORT, PORTS] = [10_000, 12_000]

/** A port that is free now. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + randomInt(PORTS)
    const server = createServer().listen(port, '127.0.0.1')
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    server.close()
    if (isFree) return port
  }
}

/** Runs a program to its end. */
export function runProgram(command: string, args: readonly string[], folder: string): void {
  try {
    execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: 'pipe', ...unprivileged(), env: plainEnvironment() })
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`${command} failed: ${stdout}${stderr}`)
  }
}

/**
 * Starts a server, to be ended with the test. A shell stands between: it ends the server when this process is gone, however it ended, for
 * the pipe that it reads from closes with it.
 */
export async function startServer(scope: Scope, plan: ServerPlan): Promise<Server> {
  const killSignal = plan.killSignal ?? 'SIGKILL'
  let running = await launch(plan, killSignal)
  scope.teardown(async () => {
    await running.end(killSignal)
    rmSync(plan.folder, { recursive: true, force: true })
  })
  return {
    port: plan.port,
    folder: plan.folder,
    signal: (name) => void process.kill(running.pid, name),
    kill: () => running.end('SIGKILL'),
    async restart() {
      await running.end(killSignal)
      running = await launch(plan, killSignal)
    },
  }
}

interface Running {
  readonly pid: number
  end(signal: NodeJS.Signals): Promise<void>
}

const GUARD = '"$@" >"$LOG" 2>&1 </dev/null & echo $!; read -r _; kill "-$END" $! 2>/dev/null; wait $!'

async function launch(plan: ServerPlan, killSignal: NodeJS.Signals): Promise<Running> {
  const log = join(plan.folder, 'server.log')
  const guard = spawn('sh', ['-c', GUARD, 'sh', plan.command, ...plan.args], {
    cwd: plan.folder,
    stdio: ['pipe', 'pipe', 'ignore'],
    ...unprivileged(),
    env: { ...plainEnvironment(), LOG: log, END: killSignal.replace('SIG', '') },
  })
  const [line] = (await once(guard.stdout, 'data')) as [Buffer]
  const pid = Number(line)
  await untilReady(plan, pid, log)
  return { pid, end: (signal) => endOf(guard, pid, signal) }
}

/** Many times what a server needs on a slow machine, in milliseconds. */
const LONGEST_START = 180_000

async function untilReady(plan: ServerPlan, pid: number, log: string): Promise<void> {
  let last: unknown
  for (const start = Date.now(); Date.now() - start < LONGEST_START; await sleep(20)) {
    if (!lives(pid)) throw new Error(`${plan.command} ended at its start: ${readFileSync(log, 'utf8').slice(-2000)}`)
    try {
      await plan.ready()
      return
    } catch (error) {
      last = error
    }
  }
  throw new Error(`${plan.command} did not answer within ${LONGEST_START / 1000} seconds`, { cause: last })
}

async function endOf(guard: ChildProcess, pid: number, signal: NodeJS.Signals): Promise<void> {
  if (guard.exitCode !== null || guard.signalCode !== null) return
  const ended = once(guard, 'exit')
  if (lives(pid)) process.kill(pid, signal)
  guard.stdin?.end()
  await ended
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Without what the test runner puts into the environment for Node. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...rest } = process.env
  return rest
}
