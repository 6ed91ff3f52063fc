import { MemoryStore } from '../../stores/memory.ts'
import type { Call, CommandName, Options } from './arguments.ts'
import { type Change, clean, hasTable, migrate, revoke } from './changing.ts'
import { codecNamed } from './codecs.ts'
import { connect, isThere } from './connect.ts'
import { UsageError } from './errors.ts'
import { importSessions } from './import.ts'
import type { OpenStore, StoreSettings } from './open-store.ts'
import { count, list, type Question, show } from './reading.ts'
import { Sessions } from './sessions.ts'
import type { Terminal } from './terminal.ts'
import type { Place } from './urls.ts'

/** A command that is to be carried out. */
export interface Task extends Call {
  readonly places: readonly Place[]
  readonly terminal: Terminal
}

/** How each command is carried out. */
export const CARRY_OUT: Readonly<Record<CommandName, (task: Task) => Promise<void>>> = {
  list: (task) => onSessions(task, (sessions) => list(sessions, questionOf(task.options), task.terminal)),
  show: (task) => onSessions(task, (sessions) => show(sessions, String(task.ids[0]), questionOf(task.options), task.terminal)),
  count: (task) => onSessions(task, (sessions) => count(sessions, questionOf(task.options), task.terminal)),
  revoke: (task) => {
    const ending = endingOf(task)
    return onSessions(writing(task), (sessions) => revoke(sessions, ending, task.terminal))
  },
  clean: (task) => onSessions(writing(task), (sessions) => clean(sessions, changeOf(task.options), task.terminal)),
  migrate: (task) => migrateAt(writing(task)),
  import: importBetween,
}

const textOf = (options: Options, name: string): string | undefined => options[name] as string | undefined

/** What a store's constructor takes, from the options of either side of an import, or of both. */
function settingsOf(options: Options, side: 'from-' | 'to-' | '', makes = false): StoreSettings {
  const given = (name: string) => textOf(options, side + name) ?? textOf(options, name)
  return {
    prefix: given('prefix') ?? 'scs:session:',
    table: given('table') ?? 'sessions',
    layout: (options['layout'] ?? 'plain') as 'plain' | 'scs',
    cluster: given('cluster') !== undefined,
    makes,
  }
}

function questionOf(options: Options): Question {
  return { owner: textOf(options, 'owner'), limit: Number(options['limit'] ?? 0), isJson: options['json'] === true }
}

function changeOf(options: Options): Change {
  return { isDry: options['dry-run'] === true, isJson: options['json'] === true }
}

function endingOf({ ids, options }: Task) {
  const owner = textOf(options, 'owner')
  if (ids.length === 0 && owner === undefined && options['all'] !== true) throw new UsageError('revoke needs an id, --owner or --all')
  if (options['all'] === true && (ids.length > 0 || owner !== undefined)) throw new UsageError('--all goes with neither an id nor --owner')
  const hasIndex = options['owner-key'] === undefined
  return { ...changeOf(options), ids: new Set(ids), owner, hasIndex, isSure: options['yes'] === true }
}

/** Refuses a place that is only read. */
function writing(task: Task): Task {
  if (placeIn(task).scheme === 'bolt') throw new UsageError(`a bolt file is only read: ${task.command} is not possible`)
  return task
}

const placeIn = ({ places }: Task, index = 0) => places[index] as Place

/** The name of the codec that wrote the payloads at a place. Go writes bolt files. */
function codecAt({ scheme }: Place, options: Options, side: 'from-' | ''): string {
  return textOf(options, `${side}codec`) ?? textOf(options, 'codec') ?? (scheme === 'bolt' ? 'gob' : 'json')
}

/** Opens a store for some work, and closes it again. */
async function withStore<T>(open: Promise<OpenStore>, work: (open: OpenStore) => Promise<T>): Promise<T> {
  const opened = await open
  try {
    return await work(opened)
  } finally {
    await opened.close()
  }
}

async function onSessions(task: Task, work: (sessions: Sessions) => Promise<void>): Promise<void> {
  const { options, terminal, command } = task
  const place = placeIn(task)
  const ownerKey = textOf(options, 'owner-key')
  const readsPayloads = ['list', 'show'].includes(command) || ownerKey !== undefined || options['owner'] !== undefined
  const codec = readsPayloads ? { codec: codecNamed(codecAt(place, options, ''), terminal.env) } : {}
  await withStore(connect(place, settingsOf(options, '')), ({ store }) => work(new Sessions(store, { ownerKey, ...codec }, terminal)))
}

async function migrateAt(task: Task): Promise<void> {
  const { options, terminal } = task
  const [place, change] = [placeIn(task), changeOf(options)]
  if (change.isDry && !isThere(place)) return await migrate(undefined, undefined, change, terminal)
  const makes = place.scheme === 'sqlite' && !change.isDry
  await withStore(connect(place, settingsOf(options, '', makes)), ({ store, migrate: apply }) =>
    migrate(new Sessions(store, { ownerKey: undefined }, terminal), apply, change, terminal),
  )
}

async function importBetween(task: Task): Promise<void> {
  const { options, terminal } = task
  const [source, target] = [placeIn(task), placeIn(task, 1)]
  if (target.scheme === 'bolt') throw new UsageError('a bolt file is only read: import from it, not to it')
  const [reading, written] = [settingsOf(options, 'from-'), settingsOf(options, 'to-', options['dry-run'] !== true)]
  if (source.address === target.address && reading.prefix === written.prefix && reading.table === written.table)
    throw new UsageError('import needs two different stores')
  const ownerKey = textOf(options, 'owner-key')
  const fromCodec = codecAt(source, options, 'from-')
  const toCodec = textOf(options, 'to-codec') ?? textOf(options, 'codec') ?? fromCodec
  // What is encrypted already may have another key.
  const translates = fromCodec !== toCodec || toCodec.startsWith('encrypted')
  const reads = ownerKey !== undefined || translates
  const settings = {
    ...{ ...changeOf(options), ownerKey },
    from: reads ? codecNamed(fromCodec, terminal.env) : undefined,
    to: translates ? codecNamed(toCodec, terminal.env) : undefined,
  }
  await withStore(connect(source, reading), (from) =>
    withStore(openTarget(target, written), (to) => {
      const [given, wanted] = [from, to].map(({ store }) => new Sessions(store, { ownerKey: undefined }, terminal)) as [Sessions, Sessions]
      return importSessions(given, wanted, settings, terminal)
    }),
  )
}

/** A dry run makes neither a file nor a table in one: what is not there yet is as good as an empty store. */
async function openTarget(place: Place, settings: StoreSettings): Promise<OpenStore> {
  if (!settings.makes && !isThere(place)) return { store: new MemoryStore(), async close() {} }
  const opened = await connect(place, settings)
  const isReady = settings.makes || place.scheme !== 'sqlite' || (await hasTable(opened.store))
  return isReady ? opened : { ...opened, store: new MemoryStore() }
}
