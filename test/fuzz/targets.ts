import type { ScsSession } from '../../index.ts'
import { JsonCodec } from '../../lib/data/codec.ts'
import { seal } from '../../lib/data/values.ts'
import { readCookie } from '../../lib/http/cookie.ts'
import { privateCacheControl, varyBy } from '../../lib/http/headers.ts'
import { parseDuration } from '../../lib/options/durations.ts'
import { startArgumentTarget } from './arguments.ts'
import { startCodecTarget } from './codec.ts'
import { startCookieTarget } from './cookies.ts'
import type { StartTarget } from './fuzz.ts'
import { startGobTarget } from './gob.ts'
import { startOptionTarget } from './options.ts'
import { startPayloadTarget } from './payloads.ts'
import { FuzzSite, type Visit } from './site.ts'

/** All targets by name, for long runs. */
export const TARGETS: Readonly<Record<string, StartTarget>> = {
  arguments: startArgumentTarget,
  codec: startCodecTarget,
  cookies: startCookieTarget,
  gob: startGobTarget,
  options: startOptionTarget,
  payloads: () => startPayloadTarget(10_000_000),
}

/** Hostile input of any size, and what is done with it: it may take no more than linear time. */
export interface Family {
  readonly name: string
  /** The largest size that is tried. */
  readonly most: number
  /** Prepares an input of a size; what it gives back is what takes time. */
  readonly make: (size: number) => () => unknown
}

const MIB = 2 ** 20
const codec = new JsonCodec()

const fill = (unit: string, size: number): string => unit.repeat(Math.ceil(size / unit.length)).slice(0, size)

function cookieFamily(name: string, header: (size: number) => string): Family {
  return {
    name: `cookie: ${name}`,
    most: MIB,
    make: (size) => {
      const text = header(size)
      return () => readCookie(text, 'session=')
    },
  }
}

const COOKIES: readonly Family[] = [
  cookieFamily('many of our name', (n) => fill('session=x; ', n)),
  cookieFamily('our name without separators', (n) => fill('session=', n)),
  cookieFamily('our name after blanks', (n) => fill(' session=', n)),
  cookieFamily('blanks, then our name', (n) => `a${' '.repeat(n)}session=x`),
  cookieFamily('blanks after the value', (n) => `session=x${' '.repeat(n)}y${' '.repeat(n)}`),
  cookieFamily('nearly our name', (n) => fill('session', n)),
  cookieFamily('separators', (n) => `${';'.repeat(n)}session=x`),
]

/** Decoding; what cannot be decoded must fail as fast. */
function payloadFamily(name: string, values: (size: number) => string, tagged = false): Family {
  return {
    name: `decode: ${name}`,
    most: MIB,
    make: (size) => {
      const data = Buffer.from(`{"deadline":1,${tagged ? '"tagged":true,' : ''}"values":{"a":${values(size)}}}`)
      return () => {
        try {
          return codec.decode(data)
        } catch (error) {
          return error
        }
      }
    },
  }
}

const many = (unit: string, size: number): string => `[${Array.from({ length: Math.ceil(size / (unit.length + 1)) }, () => unit).join()}]`
const keys = (size: number, name: (i: number) => string): string =>
  `{${Array.from({ length: Math.ceil(size / 10) }, (_, i) => `"${name(i)}":1`).join()}}`

const PAYLOADS: readonly Family[] = [
  payloadFamily('nested arrays', (n) => '['.repeat(n / 2) + ']'.repeat(n / 2)),
  payloadFamily('nested arrays without an end', (n) => '['.repeat(n)),
  payloadFamily('nested objects', (n) => `${'{"a":'.repeat(n / 6)}1${'}'.repeat(n / 6)}`),
  payloadFamily('nested sets', (n) => `${'{"$":"set","v":['.repeat(n / 18)}${']}'.repeat(n / 18)}`, true),
  payloadFamily('a long array', (n) => many('0', n)),
  payloadFamily('many arrays', (n) => many('[]', n)),
  payloadFamily('many keys', (n) => keys(n, (i) => `k${i}`)),
  payloadFamily('many keys that are indices', (n) => keys(n, (i) => String(i * 64))),
  payloadFamily('one key many times', (n) => keys(n, () => '__proto__')),
  payloadFamily('many keys, tagged', (n) => keys(n, (i) => `k${i}`), true),
  payloadFamily('a long text', (n) => `"${'x'.repeat(n)}"`),
  payloadFamily('escapes', (n) => `"${fill('\\ud800', n - (n % 6))}"`),
  payloadFamily('a long number', (n) => '1'.repeat(n)),
  payloadFamily('a long fraction', (n) => `0.${'0'.repeat(n)}1`),
  payloadFamily('white space', (n) => `${' '.repeat(n)}1`),
  payloadFamily('bytes', (n) => `{"$":"bytes","v":"${'A'.repeat(n)}"}`, true),
  payloadFamily('bytes with an end that is wrong', (n) => `{"$":"bytes","v":"${'A'.repeat(n)}!"}`, true),
  payloadFamily('bytes that end and end', (n) => `{"$":"bytes","v":"${'='.repeat(n)}"}`, true),
  payloadFamily('large bigints', (n) => many(`{"$":"bigint","v":"${'9'.repeat(2400)}"}`, n), true),
  payloadFamily('one bigint', (n) => `{"$":"bigint","v":"${'9'.repeat(n)}"}`, true),
  payloadFamily('a map of one key', (n) => `{"$":"map","v":${many('[1,1]', n)}}`, true),
  payloadFamily('a set of objects', (n) => `{"$":"set","v":${many('{"a":1}', n)}}`, true),
  payloadFamily('dates', (n) => many('{"$":"date","v":1}', n), true),
]

/** Taken by `put` and encoded. */
function valueFamily(name: string, most: number, value: (size: number) => unknown): Family {
  return {
    name: `put: ${name}`,
    most,
    make: (size) => () => codec.encode(1, { a: seal(value(size), 'a', Number.POSITIVE_INFINITY).value }),
  }
}

const VALUES: readonly Family[] = [
  valueFamily('a long array', MIB / 4, (n) => Array.from({ length: n }, (_, i) => i)),
  valueFamily('many keys', MIB / 16, (n) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`k${i}`, 1]))),
  valueFamily('a large map', MIB / 16, (n) => new Map(Array.from({ length: n }, (_, i) => [i, [i]]))),
  valueFamily('a large set of bytes', MIB / 16, (n) => new Set(Array.from({ length: n }, () => new Uint8Array(1)))),
  valueFamily('towers of a hundred arrays', MIB / 8, (n) => Array.from({ length: n / 128 }, () => tower(99))),
  valueFamily('bytes', MIB, (n) => new Uint8Array(n)),
  valueFamily('a long text', MIB, (n) => '\ud800'.repeat(n)),
]

function tower(levels: number): unknown {
  let value: unknown = []
  for (let level = 1; level < levels; level++) value = [value]
  return value
}

const textFamily = (name: string, run: (text: string) => unknown, text: (size: number) => string): Family => ({
  name,
  most: MIB,
  make: (size) => {
    const made = text(size)
    return () => run(made)
  },
})

const TEXTS: readonly Family[] = [
  textFamily('duration: digits', parseDuration, (n) => `${'9'.repeat(n)}s`),
  textFamily('duration: a fraction', parseDuration, (n) => `1.${'9'.repeat(n)}`),
  textFamily('Cache-Control: quotes', privateCacheControl, (n) => '"'.repeat(n)),
  textFamily('Cache-Control: quotes and commas', privateCacheControl, (n) => fill('",', n)),
  textFamily('Cache-Control: blanks', privateCacheControl, (n) => `s-maxage${' '.repeat(n)}x`),
  textFamily('Vary: names', varyBy, (n) => fill('a, ', n)),
]

/** What a request does with its session, many times over. */
const requestFamily = (site: FuzzSite, name: string, act: (session: ScsSession, i: number) => unknown): Family => ({
  name: `request: ${name}`,
  most: MIB / 64,
  make: (size) => () => {
    const visited = site.visit(undefined, (session) => {
      for (let i = 0; i < size; i++) act(session, i)
    }) as Visit
    if (visited.cookie) site.forget(visited.cookie)
  },
})

/** All families, and what some of them need. */
export async function startFamilies(): Promise<{ readonly families: readonly Family[]; close(): Promise<void> }> {
  const site = await FuzzSite.start({ maxBytes: 2 ** 26 })
  const requests = [
    requestFamily(site, 'many keys', (session, i) => session.put(`k${i}`, i)),
    requestFamily(site, 'one key, updated', (session) => session.update('n', (n) => Number(n ?? 0) + 1)),
    requestFamily(site, 'keys that come and go', (session, i) => session.put(`k${i}`, session.pop(`k${i - 1}`) ?? 1)),
    requestFamily(site, 'renewals', (session) => session.renewToken()),
  ]
  return { families: [...COOKIES, ...PAYLOADS, ...VALUES, ...TEXTS, ...requests], close: () => site.close() }
}
