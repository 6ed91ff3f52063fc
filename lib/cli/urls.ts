import { UsageError } from './errors.ts'

/** What the part of a URL before the colon may be. */
export type Scheme = 'redis' | 'rediss' | 'postgres' | 'postgresql' | 'mysql' | 'mariadb' | 'sqlite' | 'lmdb' | 'bolt'

const SERVERS: readonly string[] = ['redis', 'rediss', 'postgres', 'postgresql', 'mysql', 'mariadb']
const FILES: readonly string[] = ['sqlite', 'lmdb', 'bolt']
const SCHEME = /^([a-z][a-z0-9+.-]*):/i

/** Where a store is. */
export interface Place {
  readonly scheme: Scheme
  /** The whole URL of a server, or the path of a file. */
  readonly address: string
}

/** Whether an argument is meant as a URL. No id has a colon. */
export function looksLikeUrl(argument: string): boolean {
  return SCHEME.test(argument)
}

/**
 * The place that a URL names; `env:NAME` is the URL in that variable, which no list of processes shows. Adds what nobody may see to `secrets`. Throws
 * a UsageError, which never quotes the URL: it may have a password.
 */
export function placeOf(url: string, env: Readonly<Record<string, string | undefined>>, secrets: Set<string>): Place {
  const [, given = ''] = SCHEME.exec(url) ?? []
  const scheme = given.toLowerCase()
  const rest = url.slice(given.length + 1)
  if (scheme === 'env') return placeOf(fromEnvironment(rest, env), {}, secrets)
  if (FILES.includes(scheme)) return { scheme: scheme as Scheme, address: pathOf(scheme, rest) }
  if (!SERVERS.includes(scheme)) throw new UsageError('a URL begins with redis:, rediss:, postgres:, mysql:, sqlite:, lmdb:, bolt: or env:')
  if (!URL.canParse(url)) throw notEncoded(`${scheme}:`)
  addSecrets(new URL(url), secrets)
  return { scheme: scheme as Scheme, address: url }
}

function fromEnvironment(name: string, env: Readonly<Record<string, string | undefined>>): string {
  const url = env[name]
  if (url === undefined || url === '') throw new UsageError(`the environment variable ${name} that env: names is not set`)
  return url
}

/** `sqlite:./a.db`, `sqlite:/var/a.db` and `sqlite:///var/a.db`. */
function pathOf(scheme: string, rest: string): string {
  const path = rest.replace(/^\/\/(?=[./])/, '')
  if (path === '') throw new UsageError(`${scheme}: needs the path of a file, for example ${scheme}:./sessions`)
  return path
}

function addSecrets(url: URL, secrets: Set<string>): void {
  const passwords = [url.password, ...[...url.searchParams].flatMap(([name, value]) => (/pass/i.test(name) ? [value] : []))]
  for (const password of passwords.filter((each) => each !== '')) {
    secrets.add(password)
    try {
      secrets.add(decodeURIComponent(password))
    } catch {
      throw notEncoded(url.protocol)
    }
  }
}

function notEncoded(scheme: string): UsageError {
  return new UsageError(`the ${scheme} URL is not one: is a special character of the password not percent-encoded?`)
}
