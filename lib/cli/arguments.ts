import { type ParseArgsConfig, parseArgs } from 'node:util'
import { checkedCodec } from './codecs.ts'
import { UsageError } from './errors.ts'
import { looksLikeUrl } from './urls.ts'

const STRING = { type: 'string' } as const
const FLAG = { type: 'boolean' } as const

/** How a store was set up, which may differ between the two of an import. */
const STORE = { prefix: STRING, cluster: FLAG, table: STRING, codec: STRING } as const
const BOTH_STORES = Object.fromEntries(
  Object.entries(STORE).flatMap(([name, type]) => [
    [`from-${name}`, type],
    [`to-${name}`, type],
  ]),
)
const DRY_RUN = { 'dry-run': FLAG } as const

/** What each command takes: how many URLs, whether ids, and which options beside those of every command. */
const COMMANDS = {
  list: { urls: 1, ids: false, options: { owner: STRING, limit: STRING } },
  show: { urls: 1, ids: true, options: { owner: STRING } },
  revoke: { urls: 1, ids: true, options: { owner: STRING, all: FLAG, yes: { ...FLAG, short: 'y' }, ...DRY_RUN } },
  count: { urls: 1, ids: false, options: { owner: STRING } },
  migrate: { urls: 1, ids: false, options: DRY_RUN },
  clean: { urls: 1, ids: false, options: DRY_RUN },
  import: { urls: 2, ids: false, options: { ...BOTH_STORES, ...DRY_RUN } },
} as const

/** What somebody can ask for. */
export type CommandName = keyof typeof COMMANDS

const EVERY = { ...STORE, layout: STRING, 'owner-key': STRING, json: FLAG, help: { ...FLAG, short: 'h' }, version: FLAG } as const

/** The options as they were given. */
export interface Options {
  readonly [name: string]: string | boolean | undefined
}

/** What somebody asked for. */
export interface Call {
  readonly command: CommandName
  readonly urls: readonly string[]
  readonly ids: readonly string[]
  readonly options: Options
}

/** An id may begin with `-`, like an option. */
const ID = /^[\w-]{22}$/
/** A token or a key, which is a secret and no id. */
const SECRET = /^[\w-]{43}$/

const isCommand = (word: string | undefined): word is CommandName => word !== undefined && Object.hasOwn(COMMANDS, word)

/** What the arguments ask for. Throws a UsageError, which quotes no URL. */
export function readArguments(args: readonly string[]): Call | 'help' | 'version' {
  const ids = args.filter((argument) => ID.test(argument) && argument.startsWith('-'))
  const { values, positionals } = parsed(
    args.filter((argument) => !ids.includes(argument)),
    allOptions(),
  )
  if (values['help'] === true) return 'help'
  if (values['version'] === true) return 'version'
  const [command] = positionals.filter(isCommand)
  if (command === undefined) throw new UsageError(`say what to do: ${Object.keys(COMMANDS).join(', ')}; --help tells more`)
  const { urls: wanted, options } = COMMANDS[command]
  const others = positionals.toSpliced(positionals.indexOf(command), 1)
  const urls = others.filter(looksLikeUrl)
  if (urls.length !== wanted)
    throw new UsageError(`${command} needs ${wanted === 1 ? 'one URL' : 'two URLs, from and to'}; --help tells more`)
  for (const name of Object.keys(values))
    if (!(name in EVERY || name in options)) throw new UsageError(`${command} has no option --${name}`)
  checkValues(values)
  return { command, urls, ids: checkedIds(command, [...others.filter((other) => !looksLikeUrl(other)), ...ids]), options: values }
}

type OptionTypes = NonNullable<ParseArgsConfig['options']>

function allOptions(): OptionTypes {
  return Object.assign({}, EVERY, ...Object.values(COMMANDS).map(({ options }) => options))
}

function parsed(args: string[], options: OptionTypes): { values: Options; positionals: string[] } {
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true, strict: true })
    return { values: values as Options, positionals }
  } catch (error) {
    // Node's first sentence names the option and not its value.
    throw new UsageError(String((error as Error).message.split('. ')[0]))
  }
}

function checkedIds(command: CommandName, ids: readonly string[]): readonly string[] {
  if (ids.length > 0 && !COMMANDS[command].ids) throw new UsageError(`${command} takes no id; --help tells more`)
  if (ids.some((id) => SECRET.test(id)))
    throw new UsageError('this is a token or a key, which is a secret: the id of a session has 22 characters')
  if (!ids.every((id) => ID.test(id))) throw new UsageError('the id of a session has 22 characters, as list shows it')
  if (command === 'show' && ids.length !== 1) throw new UsageError('show needs the id of one session')
  return ids
}

const LAYOUTS: readonly unknown[] = ['plain', 'scs', undefined]

function checkValues(options: Options): void {
  for (const name of ['codec', 'from-codec', 'to-codec']) if (options[name] !== undefined) checkedCodec(String(options[name]))
  if (!LAYOUTS.includes(options['layout'])) throw new UsageError('--layout is plain or scs')
  const limit = options['limit']
  if (limit !== undefined && !/^[1-9]\d{0,8}$/.test(String(limit))) throw new UsageError('--limit is a whole number, 1 or more')
}
