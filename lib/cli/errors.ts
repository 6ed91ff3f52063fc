/** The exit codes of the command. */
export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const

/** What the command refuses to do as it was called: the exit code is 2. */
export class UsageError extends Error {}

/** What went wrong with what it was called for, in words for whoever called it: the exit code is 1. */
export class FailedError extends Error {}

/** Somebody pressed Ctrl-C. */
export class InterruptedError extends Error {
  override readonly message = 'interrupted'
}

/** 43 characters of base64url and no more: a token or a key. */
const KEY = /(?<![\w-])[\w-]{43}(?![\w-])/g

/** A text without the passwords given, and without anything that may be a token or a key. */
export function withoutSecrets(text: string, secrets: Iterable<string>): string {
  let clean = text
  for (const secret of secrets) clean = clean.replaceAll(secret, '***')
  return clean.replace(KEY, '***')
}

/** What a store says to a program, and what is said to a person. */
const CALL_MIGRATE = 'call await store.migrate() once, before the first request'
const MIGRATE = 'run fastify-scs migrate with this URL'

/** What went wrong, from the first error that was wrapped: a driver's, mostly. */
export function messageOf(error: unknown): string {
  const { cause, code, message, errors } = Object(error) as {
    cause?: unknown
    code?: unknown
    message?: string
    errors?: readonly unknown[]
  }
  if (cause instanceof Error && code === 'FST_ERR_SCS_STORE') return messageOf(cause)
  // What Node throws when each address of a host refused has no message of its own.
  if (errors?.[0] !== undefined && message === '') return messageOf(errors[0])
  return (message || String(code ?? error)).replace(CALL_MIGRATE, MIGRATE)
}

/** Whether the store said that its table is missing. */
export function isNoTable(error: unknown): boolean {
  return messageOf(error).endsWith(MIGRATE)
}
