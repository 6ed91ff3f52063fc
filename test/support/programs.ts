import { spawn } from 'node:child_process'
import { eventually } from './faults/wait.ts'
import type { Block } from './readme.ts'
import { freePort, type Scope } from './servers/process.ts'

/** Starts a program that listens on `PORT`, waits until it accepts connections, and returns its address. */
export async function startProgram(scope: Scope, program: string): Promise<string> {
  const port = await freePort()
  const child = spawn(process.execPath, [program], { env: { ...process.env, PORT: String(port) }, stdio: 'inherit' })
  scope.teardown(() => void child.kill())
  const url = `http://localhost:${port}`
  if ((await eventually(() => fetch(`${url}/get`))) !== undefined) return url
  throw new Error(`${program} does not listen`)
}

/** The lines of shell blocks that have a text. */
export function shellLines(blocks: readonly Block[], text: string): string[] {
  const lines = blocks.filter(({ language }) => language === 'sh').flatMap((block) => block.text.split('\n'))
  return lines.filter((line) => line.includes(text))
}

/** Programs without a name, and the tests that run them. */
export const ELSEWHERE = [
  { page: 'docs/stores.md', has: 'fastify-scs/stores/', test: 'project/readme-stores' },
  { page: 'docs/security.md', has: 'export async function logIn', test: 'attacks/logins' },
  { page: 'docs/go.md', has: 'gob.Register(map', test: 'lib/codecs/gob-go' },
  { page: 'docs/go.md', has: 'new GobCodec()', test: 'lib/codecs/gob-session' },
  { page: 'docs/go.md', has: 'goType(', test: 'lib/codecs/gob-put' },
  { page: 'docs/encryption.md', has: 'new EncryptedCodec(', test: 'http/encrypted-sessions' },
  { page: 'docs/session.md', has: 'structuredClone(DEFAULTS)', test: 'http/values-shared' },
]

/** What is no program: shell, replies, and data. `sql` is what migrate() makes; what has no language are layers and rules of an ACL. */
export const DATA = ['sh', 'http', 'sql', '']
