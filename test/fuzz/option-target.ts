import assert from 'node:assert'
import { inspect } from 'node:util'
import Fastify, { type FastifyInstance } from 'fastify'
import scsSession, { type ScsOptions } from '../../index.ts'
import type { Target } from './fuzz.ts'
import { type MadeOptions, makeOptions } from './options.ts'
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
      if (error === undefined) mustBeGood(input)
      else mustBeDeclared(input, error)
      assert.deepEqual(picture(input.given), before, 'the options stay as they are')
    },
  }
}

function mustBeGood({ bad, contradicted }: Input): void {
  assert.deepEqual([...bad, ...contradicted], [], 'what is wrong is refused')
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
