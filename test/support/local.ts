import { type ChildProcess, spawn } from 'node:child_process'
import { on } from 'node:events'
import { LmdbStore } from '../../stores/lmdb.ts'
import { SqliteStore } from '../../stores/sqlite.ts'
import type { Scope } from './servers/process.ts'

/** The stores that keep sessions in files of this machine, which several processes may open. */
export type LocalKind = 'lmdb' | 'sqlite'

export function openLocal(kind: LocalKind, path: string): LmdbStore | SqliteStore {
  return kind === 'lmdb' ? new LmdbStore(path) : new SqliteStore(path)
}

/** What a program of this folder was started with: the kind and path of its store, and what comes after. */
export function localArguments(): { store: LmdbStore | SqliteStore; rest: readonly string[] } {
  const [kind, path = '', ...rest] = process.argv.slice(2)
  return { store: openLocal(kind === 'sqlite' ? 'sqlite' : 'lmdb', path), rest }
}

/**
 * Another process, which runs a program of this folder. It is killed after the test. Without what tap has every process load: that takes a while,
 * and may make its output one that refuses a line when nobody reads fast enough.
 */
export function localProcess(t: Scope, program: string, args: readonly string[]): ChildProcess {
  const script = new URL(`./${program}.js`, import.meta.url)
  const flags = ['--enable-source-maps', '--disable-warning=ExperimentalWarning']
  const child = spawn('env', ['-u', 'NODE_OPTIONS', process.execPath, ...flags, script.pathname, ...args], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    serialization: 'advanced',
  })
  t.teardown(() => child.kill('SIGKILL'))
  return child
}

/** A store in another process: `call` has a verb run there and gives its answer. */
export function remoteStore(t: Scope, kind: LocalKind, path: string): { call(verb: string, ...args: unknown[]): Promise<unknown> } {
  const child = localProcess(t, 'local-remote', [kind, path])
  const answers = on(child, 'message')
  return {
    async call(...command) {
      child.send(command)
      const { value } = await answers.next()
      return value[0].answer
    },
  }
}
