import assert from 'node:assert'
import { inspect } from 'node:util'
import Fastify, { type FastifyInstance } from 'fastify'
import scsSession, { type ScsOptions } from '../../index.ts'
import type { Target } from './fuzz.ts'
import { COOKIE, DURATIONS, OPTIONS, type Pieces, UNKNOWN } from './option-pieces.ts'
import type { Random } from './random.ts'
import { codeOf } from './site.ts'

interface Input extends MadeOptions {
  /** Whether a whole application registers them, and not the plugin alone. */
  readonly whole: boolean
}

/** The options of the plugin: all is well, or the error names one of them; and they stay as they are. */
export async function startOptionTarget(): Promise<Target<Input>> {
  return {
    name: 'options',
    make: (random: Random) => {
      const whole = random.once(100)
      return { ...makeOptions(random), whole }
    },
    show: (input) => inspect(input, { depth: 4, showProxy: true, getters: false }),
    close: async () => {},
    async check(input) {
      const before = picture(input.given)
      const error = await (input.whole ? registerWhole(input.given) : register(input.given))
      if (error === undefined) assert.deepEqual([...input.bad, ...input.contradicted], [], 'what is wrong is refused')
      else mustBeDeclared(input, error)
      assert.deepEqual(picture(input.given), before, 'the options stay as they are')
    },
  }
}

function mustBeDeclared({ bad, contradicted }: Input, error: Error): void {
  assert.equal(codeOf(error), 'FST_ERR_SCS_OPTION', String(error))
  const wrong = [...bad, ...contradicted]
  assert.ok(
    wrong.some((name) => error.message.startsWith(`Option ${name} `) || error.message.startsWith(`Option ${name}.`)),
    `${wrong.join()} is wrong, and the error says: ${error.message}`,
  )
}

/** The plugin in an application that keeps nothing. Gives the error. */
async function register(options: unknown): Promise<Error | undefined> {
  const closing: (() => unknown)[] = []
  const log = { info() {}, warn() {} }
  const addHook = (name: string, hook: () => unknown) => void (name === 'onClose' && closing.push(hook))
  const app = { log, addHook, server: {}, decorate() {}, decorateRequest() {} } as unknown as FastifyInstance
  try {
    await scsSession.call(app, app, options as ScsOptions)
    return undefined
  } catch (error) {
    return error as Error
  } finally {
    for (const close of closing) await close()
  }
}

async function registerWhole(options: unknown): Promise<Error | undefined> {
  // What is none at all never gets as far as the plugin.
  if (typeof options !== 'object' || options === null) return await register(options)
  const app = Fastify()
  try {
    await app.register(scsSession, options as ScsOptions)
    await app.ready()
    return undefined
  } catch (error) {
    return error as Error
  } finally {
    await app.close().catch(() => {})
  }
}

/** What can be seen of options without reading them. */
function picture(value: unknown, depth = 1): unknown {
  if (typeof value !== 'object' || value === null) return value
  const own = Object.getOwnPropertyDescriptors(value)
  const parts = Reflect.ownKeys(own).map((key) => {
    const { value: part, get } = Reflect.get(own, key) as PropertyDescriptor
    return [key, get ?? (depth > 0 && key === 'cookie' ? picture(part, depth - 1) : part)]
  })
  return { parts: parts.flat(), open: Object.isExtensible(value) }
}

/** Options, and what must become of them. */
interface MadeOptions {
  readonly given: unknown
  /** The names of those that are wrong in themselves. */
  readonly bad: readonly string[]
  /** The names of those of which good ones contradict one another. */
  readonly contradicted: readonly string[]
}

type Values = Record<string, unknown>

function makeOptions(random: Random): MadeOptions {
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
