import { COOKIE, DURATIONS, OPTIONS, type Pieces, UNKNOWN } from './option-pieces.ts'
import type { Random } from './random.ts'

/** Options, and what must become of them. */
export interface MadeOptions {
  readonly given: unknown
  /** The names of those that are wrong in themselves. */
  readonly bad: readonly string[]
  /** The names of those of which good ones contradict one another. */
  readonly contradicted: readonly string[]
}

type Values = Record<string, unknown>

export function makeOptions(random: Random): MadeOptions {
  if (random.once(100)) return { given: random.pick([null, undefined, 5, 'x', Symbol('s'), 7n, true]), bad: ['(all)'], contradicted: [] }
  const bad: string[] = []
  // TypeBox compiles a schema in a millisecond.
  const names = Object.keys(OPTIONS).filter((name) => (name === 'schema' || name === 'upgrade' ? random.once(60) : random.once(5)))
  const values = fill(random, names, OPTIONS, '', bad)
  if (random.once(2)) values['cookie'] = cookie(random, bad)
  const contradicted = contradictions(values)
  return { given: dressed(random, values, bad), bad, contradicted }
}

/** Options for a cookie, with the path to what is bad about them. */
export function cookie(random: Random, bad: string[]): unknown {
  if (random.once(20)) {
    bad.push('cookie')
    return random.pick([null, [], 'x', 5, Symbol('s')])
  }
  const names = Object.keys(COOKIE).filter(() => random.once(4))
  const found: string[] = []
  const values = fill(random, names, COOKIE, 'cookie.', found)
  bad.push(...found)
  return dressed(random, values, bad, 'cookie.')
}

function fill(random: Random, names: readonly string[], pieces: Readonly<Record<string, Pieces>>, prefix: string, bad: string[]): Values {
  const values: Values = {}
  for (const name of names) {
    const { good, bad: wrong } = pieces[name] ?? { good: [], bad: [] }
    const isBad = wrong.length > 0 && random.once(8)
    values[name] = random.pick(isBad ? wrong : good)
    if (isBad) bad.push(prefix + name)
  }
  if (random.once(40)) {
    const name = random.pick(UNKNOWN)
    Object.defineProperty(values, name, { value: 1, enumerable: true, writable: true, configurable: true })
    bad.push(prefix + name)
  }
  return values
}

class Options {}

/** The same options in an object of another kind, or with one that nobody can read. */
function dressed(random: Random, values: Values, bad: string[], prefix = ''): unknown {
  if (random.once(40)) {
    const name = prefix === '' ? 'lifetime' : 'path'
    bad.push(prefix + name)
    const get = () => {
      throw new Error('nobody may look')
    }
    return Object.defineProperty(values, name, { get, enumerable: true, configurable: true })
  }
  switch (random.int(8)) {
    case 4:
      return Object.freeze(values)
    case 5:
      return Object.assign(Object.create(null) as Values, values)
    case 6:
      return Object.defineProperties(new Options(), Object.getOwnPropertyDescriptors({ ...values, [Symbol('mine')]: 1 }))
    case 7:
      return new Proxy(values, {})
    default:
      return values
  }
}

/** What options say against one another, by the words of the documentation. */
function contradictions({ upgrade, schema, owner, store, idleTimeout, touchInterval, remember, cookie }: Values): string[] {
  const found: string[] = []
  const touch = DURATIONS.get(touchInterval)
  if (upgrade !== undefined && schema === undefined) found.push('upgrade')
  if (touch !== undefined && touch >= shortestIdle(idleTimeout, remember)) found.push('touchInterval')
  try {
    const { properties = {} } = (schema ?? {}) as { properties?: object }
    if (schema !== undefined && owner !== undefined && !Object.hasOwn(properties, owner as string)) found.push('owner')
    if (owner !== undefined && (store as { lacks?: string[] } | undefined)?.lacks?.includes('owner')) found.push('owner')
    found.push(...contradictionsOfCookie((cookie ?? {}) as Values).map((name) => `cookie.${name}`))
  } catch {
    // What cannot be read is bad by itself.
  }
  return found
}

/** Zero when there is no idle timeout, for which every interval is too long. */
function shortestIdle(idleTimeout: unknown, remember: unknown): number {
  const idle = DURATIONS.get(idleTimeout)
  try {
    const remembered = DURATIONS.get((remember as { idleTimeout?: unknown } | undefined)?.idleTimeout) ?? idle
    return Math.min(idle ?? remembered ?? 0, remembered ?? 0)
  } catch {
    return idle ?? 0
  }
}

function contradictionsOfCookie({ name = '', path = '/', domain, secure, sameSite, partitioned }: Values): string[] {
  const isHost = /^__host-/i.test(String(name))
  const wantsSecure = isHost || /^__secure-/i.test(String(name)) || sameSite === 'none' || partitioned === true
  const found = isHost && path !== '/' ? ['path'] : []
  if (isHost && domain !== undefined) found.push('domain')
  if (wantsSecure && secure === false) found.push('secure')
  return found
}
