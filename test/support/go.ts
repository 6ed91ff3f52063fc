import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import type { Typed } from './go-values.ts'
import { root } from './readme.ts'

const SOURCE = join(root, 'test/go/gob')

/** What Go says of a payload, or why it does not decode. */
export interface Answer {
  /** The payload as Go encodes it again, in base64. */
  readonly payload: string
  readonly deadline: Typed
  readonly values?: Readonly<Record<string, Typed>>
  readonly error?: string
}

/** Go's own encoding/gob, as the program test/go/gob, which is built when it is first asked. */
export class GoJudge {
  readonly #child: ChildProcess
  readonly #waiting: ((answer: Answer) => void)[] = []

  private constructor(program: string) {
    this.#child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] })
    createInterface({ input: this.#child.stdout as NonNullable<ChildProcess['stdout']> }).on('line', (line) =>
      this.#waiting.shift()?.(JSON.parse(line)),
    )
  }

  static async start(): Promise<GoJudge> {
    const program = join(mkdtempSync(join(tmpdir(), 'fastify-scs-')), 'judge')
    // The cache is kept, so that the next run builds nothing.
    const env = {
      ...process.env,
      GOCACHE: join(root, 'build/go'),
      GOPATH: join(root, 'build/go/path'),
      GOFLAGS: '-mod=mod',
      GOTOOLCHAIN: 'local',
    }
    await promisify(execFile)('go', ['build', '-o', program, '.'], { cwd: SOURCE, env }).catch((cause) => {
      throw new Error('The tests of GobCodec ask Go itself, which did not build their program: apt-get install golang-go', { cause })
    })
    return new GoJudge(program)
  }

  ask(line: string): Promise<Answer> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#child.stdin?.write(`${line}\n`)
    })
  }

  /** What Go sees in a payload. */
  echo(payload: Uint8Array): Promise<Answer> {
    return this.ask(`echo ${Buffer.from(payload).toString('base64')}`)
  }

  close(): void {
    this.#child.stdin?.end()
  }
}
