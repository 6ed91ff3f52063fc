import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { run } from '../../lib/cli/run.ts'
import type { Terminal } from '../../lib/cli/terminal.ts'
import { hashToken, newToken } from '../../lib/token.ts'
import type { SessionStore, StoreEntry } from '../../types/store.ts'
import { root } from './readme.ts'

/** The compiled command, as package.json's `bin` names it. */
export const MAIN = fileURLToPath(new URL('../../lib/cli/main.js', import.meta.url))
export const BOLT = join(root, 'test/support/bolt')
export const HOUR = 3_600_000

/** What a call of the command wrote, and its exit code. */
export interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Where a call seems to run. */
export interface Stage {
  readonly isTerminal?: boolean
  /** What somebody answers to each question. */
  readonly answer?: string
  readonly env?: Readonly<Record<string, string>>
  readonly abort?: AbortController
  /** Called with each piece of output. */
  readonly each?: (text: string) => void
}

/** The command in this process. */
export async function scs(args: readonly string[], { isTerminal = false, answer, env = {}, abort, each }: Stage = {}): Promise<Ended> {
  const [out, err]: [string[], string[]] = [[], []]
  const terminal: Terminal = {
    drawsTables: isTerminal,
    canAsk: answer !== undefined,
    showsProgress: isTerminal,
    env,
    signal: (abort ?? new AbortController()).signal,
    async write(text) {
      out.push(text)
      each?.(text)
    },
    say: (text) => void err.push(text),
    async ask(question) {
      err.push(question)
      return answer ?? ''
    },
  }
  const code = await run(args, terminal)
  return { code, out: out.join(''), err: err.join('') }
}

/** The command in a process of its own. */
export function scsProcess(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--no-warnings', MAIN, ...args], { env: { ...process.env, ...env } }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    )
  })
}

/** A session of a user, as JsonCodec writes it. */
export function sessionOf(
  userId: string,
  expiresAt = Date.now() + HOUR,
  owner: string | null = userId,
): StoreEntry & { readonly token: string } {
  const token = newToken()
  const data = Buffer.from(`{"deadline":${expiresAt},"values":{"userId":"${userId}","visits":3}}`)
  return { token, key: hashToken(token), record: { data, expiresAt, ...(owner === null ? {} : { owner }) } }
}

export async function fill(store: SessionStore, entries: readonly StoreEntry[]): Promise<void> {
  for (const { key, record } of entries) await store.create(key, record)
}

export const jsonLines = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

/** Nothing that was written is a token, a key or a password. */
export function hasNoSecret(t: Test, { out, err }: Ended, secrets: readonly string[] = []): void {
  const written = out + err
  t.notMatch(written, /(?<![\w-])[\w-]{43}(?![\w-])/, 'no token and no key')
  for (const secret of secrets) t.notOk(written.includes(secret), 'no password')
}
