import type { DecoratorNames } from '../../types/options.ts'
import { OptionError } from '../errors.ts'
import { isPlainObject, readOptions, unknownOption } from './checks.ts'
import { RULES } from './rules.ts'

/** What Fastify itself puts among the options of `register`. */
const OF_FASTIFY = new Set(['prefix', 'logLevel', 'logSerializers'])

/** The options of the plugin: a manager's without the log, and its own. */
const NAMES = [...Object.keys(RULES).filter((name) => name !== 'log'), 'adopt', 'errorReply', 'decorators']

/** The options that are the plugin's own. */
interface OwnOptions {
  readonly adopt?: unknown
  readonly errorReply?: unknown
  readonly decorators?: DecoratorNames
}

/** The plugin's options, split into the manager's and its own. */
export interface Split<O extends OwnOptions> {
  readonly manager: O
  readonly adopt: O['adopt']
  readonly errorReply: O['errorReply']
  readonly names: Required<DecoratorNames>
}

/** Checks the plugin's own options, and returns them and the manager's apart. Throws `FST_ERR_SCS_OPTION`. */
export function splitOptions<O extends OwnOptions>(given: O): Split<O> {
  const options = readOptions(given)
  if (Reflect.get(options, 'log') !== undefined)
    throw new OptionError('log', 'cannot be given to the plugin, which uses that of the application')
  const { decorators = {}, errorReply, adopt, ...rest } = options
  if (errorReply !== undefined && typeof errorReply !== 'function')
    throw new OptionError('errorReply', 'must be a function (error, request, reply) => payload, or a promise of it')
  if (adopt !== undefined && typeof adopt !== 'function')
    throw new OptionError('adopt', 'must be a function (request) => values, or a promise of them, such as fromExpressSession({ … })')
  const manager = Object.fromEntries(Object.entries(rest).filter(([name]) => !OF_FASTIFY.has(name) && name !== 'log')) as unknown as O
  for (const name of Object.keys(manager)) if (!NAMES.includes(name)) throw unknownOption(name, NAMES)
  return { manager, adopt, errorReply, names: decoratorNames(decorators) }
}

function decoratorNames(names: DecoratorNames): Required<DecoratorNames> {
  const given = readOptions(names, 'decorators.')
  if (Array.isArray(names)) throw new OptionError('decorators', 'must be an object')
  for (const [name, value] of Object.entries(given)) {
    if (name !== 'request' && name !== 'instance') throw unknownOption(`decorators.${name}`, ['request', 'instance'])
    if (value !== undefined && (typeof value !== 'string' || value === '')) throw new OptionError(`decorators.${name}`, 'must be a name')
  }
  return { request: given.request ?? 'session', instance: given.instance ?? 'sessions' }
}

/**
 * Checks the `config.session` of a route: undefined, false, or `{ touch: boolean }`, which may be empty. Throws `FST_ERR_SCS_OPTION`.
 *
 * @param route the route as the error names it, for example `GET /poll`
 */
export function checkRouteSession(value: unknown, route: string): void {
  if (value === undefined || value === false) return
  const rule = `of the route ${route} must be false, or { touch: true } or { touch: false }`
  if (!isPlainObject(value)) throw new OptionError('config.session', rule)
  for (const [name, touch] of Object.entries(value)) {
    if (name !== 'touch') throw new OptionError(`config.session.${name}`, `of the route ${route} does not exist; there is touch`)
    if (touch !== undefined && typeof touch !== 'boolean') throw new OptionError('config.session', rule)
  }
}
