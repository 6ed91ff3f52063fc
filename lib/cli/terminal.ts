import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import type { Readable, Writable } from 'node:stream'

/** What the command knows of where it runs. */
export interface Terminal {
  /** Whether results go to a terminal, and are drawn as tables. */
  readonly drawsTables: boolean
  /** Whether somebody is there to answer a question. */
  readonly canAsk: boolean
  /** Whether standard error is a terminal, where progress is shown. */
  readonly showsProgress: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
  /** Writes a result; resolves when there is room for more. */
  write(text: string): Promise<void>
  /** Writes to standard error. */
  say(text: string): void
  /** What somebody answers. Rejects at Ctrl-C. */
  ask(question: string): Promise<string>
}

/** The part of `process` that a terminal is made of. */
export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & { readonly isTTY?: boolean }
  readonly stderr: Writable & { readonly isTTY?: boolean }
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The terminal of a process. A reader that goes away, as `head` does, aborts the command like Ctrl-C; one of warnings alone does not. */
export function terminalOf({ stdin, stdout, stderr, env }: Streams, abort: AbortController): Terminal {
  stdout.on('error', () => abort.abort())
  stderr.on('error', () => {})
  const isTerminal = (stream: { readonly isTTY?: boolean }) => stream.isTTY === true
  return {
    drawsTables: isTerminal(stdout),
    canAsk: isTerminal(stdin) && isTerminal(stderr),
    showsProgress: isTerminal(stderr),
    env,
    signal: abort.signal,
    async write(text) {
      if (!stdout.write(text) && !abort.signal.aborted) await once(stdout, 'drain', { signal: abort.signal }).catch(() => {})
    },
    say: (text) => void stderr.write(text),
    async ask(question) {
      const lines = createInterface({ input: stdin, output: stderr })
      // While a question is open, Ctrl-C is a key for it and no signal for the process.
      lines.once('SIGINT', () => abort.abort())
      try {
        return await lines.question(question, { signal: abort.signal })
      } finally {
        lines.close()
      }
    },
  }
}

/** Aborted by the first Ctrl-C, so that connections are closed; the second ends the process at once. */
export function whenInterrupted(from: { once(event: 'SIGINT' | 'SIGTERM', listener: () => void): unknown }): AbortController {
  const abort = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) from.once(name, () => abort.abort())
  return abort
}
