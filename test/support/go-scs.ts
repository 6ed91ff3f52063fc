import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { root } from './readme.ts'

/** Where Debian puts the sources of Go's packages. */
const DEBIAN = '/usr/share/gocode'

/** How the service in Go keeps its sessions. Durations are in nanoseconds, as Go has them. */
export interface GoSettings {
  readonly Store: 'redis' | 'postgres' | 'mysql' | 'sqlite3'
  readonly Address: string
  readonly Hash: boolean
  readonly Lifetime: number
  readonly Idle: number
  readonly Persist: boolean
}

/** A value in Go, as text, with its type. */
export interface GoValue {
  readonly type: string
  readonly value: string
}

/** What a request does with its session, one after the other: for example `['put', 'n', 'int64', '5']`. */
export type Step = readonly [op: string, key?: string, type?: string, value?: string]

export interface GoReply {
  /** Its Set-Cookie. */
  readonly cookie?: string
  readonly results: readonly GoValue[] | null
  readonly values: Readonly<Record<string, GoValue>>
  readonly error?: string
}

/** A service in Go with the sessions of SCS: the program test/go/src/service. */
export class GoService {
  readonly #child: ChildProcess
  readonly #waiting: ((reply: GoReply) => void)[] = []

  constructor() {
    this.#child = spawn(buildGo('test/go/src/service'), { stdio: ['pipe', 'pipe', 'inherit'] })
    createInterface({ input: this.#child.stdout as NonNullable<ChildProcess['stdout']> }).on('line', (line) =>
      this.#waiting.shift()?.(JSON.parse(line)),
    )
  }

  /** Sends a request. They are answered one after the other. */
  send(settings: GoSettings, token: string | undefined, ...steps: readonly Step[]): Promise<GoReply> {
    const Steps = steps.map(([Op, Key = '', Type = '', Value = '']) => ({ Op, Key, Type, Value }))
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#child.stdin?.write(`${JSON.stringify({ Settings: settings, Token: token ?? '', Steps })}\n`)
    })
  }

  close(): void {
    this.#child.stdin?.end()
  }
}

/** Builds a program in Go, of which SCS is the stand-in below test/go/src, and returns its path. */
export function buildGo(folder: string): string {
  const program = join(mkdtempSync(join(tmpdir(), 'fastify-scs-')), 'program')
  if (!existsSync(`${DEBIAN}/src/github.com/lib/pq`))
    throw new Error(
      'The service in Go needs its drivers: apt-get install golang-go golang-github-lib-pq-dev golang-github-go-sql-driver-mysql-dev ' +
        'golang-github-gomodule-redigo-dev golang-github-mattn-go-sqlite3-dev',
    )
  const GOPATH = `${join(root, 'test/go')}:${DEBIAN}`
  const env = { ...process.env, GO111MODULE: 'off', GOPATH, GOCACHE: join(root, 'build/go'), GOFLAGS: '' }
  execFileSync('go', ['build', '-o', program, '.'], { cwd: join(root, folder), env })
  return program
}
