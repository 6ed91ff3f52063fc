import type { DecoratorNames } from '../types/options.ts'
import { readOptions } from './check.ts'
import { OptionError } from './errors.ts'

/** What Fastify itself puts among the options of `register`. */
const OF_FASTIFY = new Set(['prefix', 'logLevel', 'logSerializers'])

/** The plugin's options, apart from those that are a manager's. */
export interface Split<M, E> {
  readonly manager: M
  readonly errorReply: E | undefined
  readonly names: Required<DecoratorNames>
}

/** Checks what only the plugin has, and sets the rest apart. Throws `FST_ERR_SCS_OPTION`. */
export function splitOptions<M extends object, E>(given: M & { decorators?: DecoratorNames; errorReply?: E }): Split<M, E> {
  const options = readOptions(given)
  if ('log' in options && options.log !== undefined) throw new OptionError('log', "is the application's when the plugin is registered")
  const { decorators = {}, errorReply, ...rest } = options
  if (errorReply !== undefined && typeof errorReply !== 'function')
    throw new OptionError('errorReply', 'must be a function (error, request) => payload')
  const manager = Object.fromEntries(Object.entries(rest).filter(([name]) => !OF_FASTIFY.has(name))) as M
  return { manager, errorReply, names: decoratorNames(decorators) }
}

function decoratorNames(names: DecoratorNames): Required<DecoratorNames> {
  const given = readOptions(names, 'decorators.')
  if (Array.isArray(names)) throw new OptionError('decorators', 'must be an object')
  for (const [name, value] of Object.entries(given)) {
    if (name !== 'request' && name !== 'instance')
      throw new OptionError(`decorators.${name}`, 'does not exist; there are request, instance')
    if (value !== undefined && (typeof value !== 'string' || value === '')) throw new OptionError(`decorators.${name}`, 'must be a name')
  }
  return { request: given.request ?? 'session', instance: given.instance ?? 'sessions' }
}
