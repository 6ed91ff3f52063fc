import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import t from 'tap'
import { importSessions } from '../../lib/cli/import.ts'
import { Sessions } from '../../lib/cli/sessions.ts'
import { EncryptedCodec } from '../../lib/codecs/encrypted.ts'
import { GobCodec } from '../../lib/codecs/gob.ts'
import { JsonCodec } from '../../lib/data/codec.ts'
import { MemoryStore } from '../../stores/memory.ts'
import type { SessionStore, StoreEntry } from '../../types/store.ts'
import { fill, HOUR, hasNoSecret, MAIN, scs, scsProcess, sessionOf } from '../support/cli.ts'
import { type CliStore, optionsOf, startCliStores } from '../support/cli-stores.ts'
import { LIMIT } from '../support/limit.ts'

t.setTimeout(LIMIT)

const makeStores = await startCliStores(t)

async function contentOf(store: SessionStore): Promise<string[]> {
  const lines: string[] = []
  for await (const { key, record } of store.all()) lines.push(`${key} ${record.expiresAt} ${record.owner} ${Buffer.from(record.data)}`)
  return lines.sort()
}

const importArgs = (from: CliStore, to: CliStore, ...rest: string[]) => [
  'import',
  from.url,
  to.url,
  ...optionsOf(from, 'from-'),
  ...optionsOf(to, 'to-'),
  ...rest,
]

t.test('sessions go from each store to each other, with key, payload, expiry and owner, and once', async (t) => {
  const [sources, targets] = [await makeStores(), await makeStores()]
  for (const [i, from] of sources.entries()) {
    const entries = [sessionOf('ada'), sessionOf('bob', Date.now() + 7_200_000, null)]
    await from.use((open) => fill(open, entries))
    // Around the circle, so that each store is read once and written once, and by two others in all.
    for (const to of [targets[(i + 1) % targets.length], targets[(i + 2) % targets.length]] as CliStore[]) {
      const title = `${from.name} to ${to.name}`
      const before = await to.use(contentOf)
      t.match(await scs(importArgs(from, to, '--dry-run')), { code: 0, out: '2 would be carried, 0 already there' }, title)
      t.same(await to.use(contentOf), before, `${title}: a dry run changes nothing`)
      const ended = await scs(importArgs(from, to))
      t.match(ended, { code: 0, out: '2 carried, 0 already there, 0 unreadable, 0 refused\n', err: '' }, title)
      hasNoSecret(t, ended)
      t.same(await to.use(contentOf), [...before, ...(await from.use(contentOf))].sort(), title)
      t.match(await scs(importArgs(from, to, '--json')), { code: 0, out: '{"carried":0,"alreadyThere":2,' }, title)
    }
  }
})

t.test('an import that was killed in the middle goes on where it was', async (t) => {
  const [redis, , , lmdb, sqlite] = (await makeStores()) as [CliStore, CliStore, CliStore, CliStore, CliStore]
  const entries = Array.from({ length: 1500 }, (_, i) => sessionOf(`user${i}`))
  await redis.use((open) => fill(open, entries))
  for (const to of [lmdb, sqlite]) {
    const child = spawn(process.execPath, ['--no-warnings', MAIN, ...importArgs(redis, to)], { stdio: 'ignore' })
    const ended = once(child, 'exit')
    const counted = () => to.use(async (open) => await open.count())
    while ((await counted()) === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    child.kill('SIGKILL')
    await ended
    const there = await counted()
    t.comment(`${to.name}: killed after ${there}`)
    t.match(await scsProcess(importArgs(redis, to)), { code: 0, out: `${1500 - there} carried, ${there} already there` })
    t.same(await to.use(contentOf), await redis.use(contentOf))
  }
})

t.test('what is there already stays, though it differs', async (t) => {
  const [from, to] = (await makeStores()).slice(3) as [CliStore, CliStore]
  const session = sessionOf('ada')
  const newer = { key: session.key, record: { ...session.record, data: Buffer.from('{"deadline":1,"values":{}}') } }
  await from.use((open) => fill(open, [session]))
  await to.use((open) => fill(open, [newer]))
  t.match(await scs(importArgs(from, to)), { code: 0, out: '0 carried, 1 already there' })
  t.match(await to.use(contentOf), [/"deadline":1,/])
})

t.test('an owner that the source does not keep is taken from the values', async (t) => {
  const [from, to] = (await makeStores()).slice(3) as [CliStore, CliStore]
  await from.use((open) => fill(open, [sessionOf('ada', undefined, null), sessionOf('bob', undefined, 'robert')]))
  t.match(await scs(importArgs(from, to, '--owner-key', 'userId')), { code: 0, out: '2 carried' })
  for (const [owner, count] of [
    ['ada', '1\n'],
    ['robert', '1\n'],
    ['bob', '0\n'],
  ]) {
    t.equal((await scs(['count', to.url, '--owner', String(owner)])).out, count, String(owner))
  }
})

/** A codec of a test: the values backwards. */
const backwards = {
  encode: (deadline: number, values: object) => Buffer.from([...JSON.stringify({ deadline, values })].reverse().join('')),
  decode: (data: Uint8Array) =>
    JSON.parse([...String(Buffer.from(data))].reverse().join('')) as { deadline: number; values: Record<string, unknown> },
}

const quiet = {
  drawsTables: false,
  canAsk: false,
  showsProgress: false,
  env: {},
  signal: new AbortController().signal,
  ask: async () => '',
}

async function between(from: SessionStore, to: SessionStore, settings: object) {
  let output = ''
  const write = (text: string) => {
    output += text
  }
  const terminal = { ...quiet, write: async (text: string) => write(text), say: write }
  const [source, target] = [new Sessions(from, { ownerKey: undefined }, terminal), new Sessions(to, { ownerKey: undefined }, terminal)]
  const all = { from: undefined, to: undefined, ownerKey: undefined, isDry: false, isJson: false, ...settings }
  const error = await importSessions(source, target, all, terminal).then(
    () => undefined,
    (error: Error) => error.message,
  )
  return { output, error }
}

async function storeWith(...entries: StoreEntry[]): Promise<MemoryStore> {
  const store = new MemoryStore()
  await fill(store, entries)
  return store
}

t.test('the codec changes on the way, and what it cannot read is left behind and told of', async (t) => {
  const session = sessionOf('ada')
  const broken = { key: sessionOf('x').key, record: { data: Buffer.from('?'), expiresAt: session.record.expiresAt } }
  const json = { decode: (data: Uint8Array) => JSON.parse(String(Buffer.from(data))), encode: backwards.encode }
  const to = new MemoryStore()
  t.same(
    await between(await storeWith(session, sessionOf('bob', undefined, null), broken), to, { from: json, to: backwards, ownerKey: 'none' }),
    {
      output: '2 carried, 0 already there, 1 unreadable, 0 refused\n',
      error: 'not all were carried: the payload of a session could not be translated: see --from-codec and --to-codec',
    },
  )
  const record = await to.find(session.key)
  t.same(backwards.decode(record?.data ?? Buffer.alloc(0)), { deadline: session.record.expiresAt, values: { userId: 'ada', visits: 3 } })
  t.match(record, { expiresAt: session.record.expiresAt, owner: 'ada' })
})

t.test('a value that the other codec has no place for stays behind, and is not null there', async (t) => {
  const [gob, deadline] = [new GobCodec(), Date.now() + HOUR]
  const entryOf = (values: object) => ({
    key: sessionOf('x').key,
    record: { data: gob.encode(deadline, { ...values }), expiresAt: deadline },
  })
  const kept = { when: new Date(0), bytes: new Uint8Array([7]), big: 2n ** 60n, zero: [-0], none: null }
  const lost = [{ ratio: Number.NaN }, { list: [1.5, Number.NEGATIVE_INFINITY] }, { a: { b: Number.POSITIVE_INFINITY } }]
  const from = await storeWith(...[kept, ...lost].map(entryOf))
  for (const codec of [new JsonCodec(), new EncryptedCodec({ keys: [randomBytes(32)] })]) {
    const to = new MemoryStore()
    const out = '1 carried, 0 already there, 3 unreadable, 0 refused\n'
    t.match(await between(from, to, { from: gob, to: codec }), { output: out, error: /^not all were carried: the payload/ })
    for await (const { record } of to.all()) t.same(codec.decode(record.data), { deadline, values: kept })
  }
  t.match(await between(from, new MemoryStore(), { from: gob, to: new GobCodec() }), { output: '4 carried' }, 'Go has them')
})

t.test('what the other store cannot hold is left behind and told of; a store that fails ends the import', async (t) => {
  const from = await storeWith(sessionOf('ada'), sessionOf('bob'))
  const small = Object.assign(new MemoryStore(), { maxBytes: 3 })
  t.match(await between(from, small, {}), { output: '0 carried, 0 already there, 0 unreadable, 2 refused', error: /holds at most 3 bytes/ })
  const throwing = (error: Error) =>
    Object.assign(new MemoryStore(), {
      create: () => {
        throw error
      },
    })
  t.match(await between(from, throwing(new RangeError('too late')), {}), { error: 'not all were carried: too late' })
  const failed = await between(from, throwing(new Error('lost')), {})
  t.match(failed.output, 'ended early; the same command goes on from there: 0 carried')
  t.equal(failed.error, 'The session store failed. Try again.')
  // Another process was faster between the look and the write.
  const taken = Object.assign(new MemoryStore(), { create: () => false })
  t.match(await between(from, taken, {}), { output: '0 carried, 2 already there' })
})
