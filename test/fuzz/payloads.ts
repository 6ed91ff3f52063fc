import assert from 'node:assert'
import { Type } from 'typebox'
import { JsonCodec, type ScsOptions } from '../../index.ts'
import { hashToken, renewalKey } from '../../lib/token.ts'
import { isForeign } from '../support/foreign-payload.ts'
import type { Target } from './fuzz.ts'
import { enormous, payload } from './payload-pieces.ts'
import type { Random } from './random.ts'
import { type Action, FuzzSite, same, type Visit } from './site.ts'

interface Input {
  readonly data: Buffer
  readonly site: number
  readonly use: Use
  /** Whether the request goes through Fastify. */
  readonly whole: boolean
  /** Whether the manager looks at it as well. */
  readonly listed: boolean
}

const TOKEN = 'T'.repeat(43)
const BYSTANDER = 'B'.repeat(43)

const isNew: Action = (session) => session.isNew

const USES = {
  ignore: () => undefined,
  read: (session) => session.data(),
  get: (session) => Object.fromEntries(session.keys().map((key) => [key, session.get(key)])),
  put: (session) => session.put('user', 'x'),
  update: (session) => session.update('user', () => 'x'),
  remember: (session) => session.rememberMe(true),
  renew: (session) => session.renewToken(),
  clear: (session) => session.clear(),
  destroy: (session) => void session.destroy(),
} satisfies Record<string, Action>

type Use = keyof typeof USES

const ALL_USES = Object.keys(USES) as Use[]

/**
 * What lies in the store under a good token: a request answers, whatever it is (rule 7).
 *
 * @param largest how many bytes a few of the payloads have
 */
export async function startPayloadTarget(largest = 1_000_000): Promise<Target<Input>> {
  const sites = await startPayloadSites()
  const good = sites[0]?.site.lifecycle.settings.codec.encode(Date.UTC(2030, 0, 2), { user: 'by' }) ?? new Uint8Array()
  for (const { site } of sites) site.plant(BYSTANDER, good)
  return {
    name: 'payloads',
    make: (random: Random) => ({
      data: random.once(100_000) ? enormous(random, largest) : payload(random),
      site: random.int(sites.length),
      use: random.pick(ALL_USES),
      whole: random.once(10),
      listed: random.once(30),
    }),
    show: ({ data, ...input }) => `${JSON.stringify(input)} ${JSON.stringify(data.toString())}`,
    close: async () => void (await Promise.all(sites.map(({ site }) => site.close()))),
    check(input) {
      const at = sites[input.site] as PayloadSite
      // A finding may have left something behind, which is not to get in the way of its own reduction.
      tidy(at)
      at.site.plant(TOKEN, input.data)
      if (input.listed) return mustBeListed(at, input).finally(() => tidy(at))
      return visit(at, input)
    },
  }
}

function visit(at: PayloadSite, input: Input): void | Promise<void> {
  const cookie = `session=${TOKEN}`
  const visiting = input.whole ? at.site.inject(cookie, USES[input.use]) : at.site.visit(cookie, USES[input.use])
  const end = (visited: Visit) => {
    try {
      judge(at, input, visited)
    } finally {
      tidy(at, visited)
    }
  }
  return visiting instanceof Promise ? visiting.then(end) : end(visiting)
}

function tidy({ site }: PayloadSite, visited?: Visit): void {
  site.forget(TOKEN)
  if (visited?.cookie) site.forget(visited.cookie)
  site.store.inner.delete(renewalKey(hashToken(TOKEN)))
  site.store.calls.length = site.warnings.length = 0
}

function judge(at: PayloadSite, input: Input, visited: Visit): void {
  const { site } = at
  const values = at.read(input.data)
  const left = site.bytesOf(TOKEN)
  assert.equal(Buffer.from(site.bytesOf(BYSTANDER) ?? []).includes('"by"'), true, 'nobody else is touched')
  if (visited.cookie === TOKEN) assert.ok(['remember', 'clear'].includes(input.use), 'a new cookie has a new token')
  if (values === undefined) judgeBroken(at, input, visited, left)
  else judgeGood(site, input, values, visited, left)
}

function judgeBroken({ site, curious }: PayloadSite, input: Input, visited: Visit, left: Uint8Array | undefined): void {
  assert.equal(visited.status, 200, `a broken record is not a broken site: ${visited.code}`)
  const needed = input.use !== 'ignore' || curious
  const foreign = isForeign(input.data)
  assert.equal(left !== undefined, foreign || !needed, 'exactly what was needed, was ours and could not be read is removed')
  if (foreign) assert.ok(site.warnings.length <= 1, 'one warning for all of another codec')
  else if (input.use !== 'destroy') assert.equal(site.warnings.length, needed ? 1 : 0, 'one warning')
  if (input.use === 'read' || input.use === 'get') assert.deepEqual(visited.body, {}, 'a new session')
  const writes = input.use === 'put' || input.use === 'update'
  assert.equal(visited.cookie, writes ? visited.cookie || 'a token' : input.use === 'destroy' ? '' : undefined, 'the cookie')
}

function judgeGood(site: PayloadSite['site'], { data, use }: Input, values: object, visited: Visit, left: Uint8Array | undefined): void {
  const isLarge = visited.code === 'FST_ERR_SCS_TOO_LARGE' && data.length > 30_000
  assert.equal(isLarge ? 200 : visited.status, 200, visited.code)
  assert.equal(site.warnings.length, 0, `no warning: ${site.warnings[0]}`)
  const isGone = !isLarge && (use === 'renew' || use === 'destroy')
  assert.equal(left !== undefined, !isGone, 'a session that can be read stays')
  if (!['read', 'get', 'ignore'].includes(use)) return
  assert.ok(left !== undefined && Buffer.compare(left, data) === 0, 'what is only read is not written')
  if (use === 'ignore') return
  const visible = Object.fromEntries(Object.entries(values).filter(([key]) => !key.startsWith('__')))
  assert.ok(same(visited.body, visible), 'what is stored is what is read')
}

/** A broken row is left out of the listings, and removed by who looks it up; one of another codec is listed, and stays. */
async function mustBeListed(at: PayloadSite, { data }: Input): Promise<void> {
  const { manager, lifecycle } = at.site
  const values = at.read(data)
  const foreign = isForeign(data)
  const isShown = foreign || (values !== undefined && !Object.hasOwn(values, '__renewedTo'))
  let listed = 0
  for await (const { values } of manager.all()) listed += 'user' in values && values['user'] === 'by' ? 0 : 1
  if (!isTwin(values)) assert.equal(listed, isShown ? 1 : 0, 'all() shows what can be read')
  if (lifecycle.settings.owner !== undefined) for await (const { owner } of manager.ownedBy('by')) assert.equal(owner, 'by')
  const found = await manager.find(TOKEN)
  assert.equal(found !== undefined, values !== undefined, 'find() gives what can be read')
  assert.equal(at.site.bytesOf(TOKEN) !== undefined, foreign || values !== undefined, 'and removes what cannot')
  if (found !== undefined) assert.equal(isNew(found), false)
}

const isTwin = (values: object | undefined): boolean => values !== undefined && 'user' in values && values.user === 'by'

type Values = Readonly<Record<string, unknown>>

/** A site, and what it makes of a stored session: undefined when it must not take it. */
interface PayloadSite {
  readonly site: FuzzSite
  /** Whether a request that does not ask needs the payload all the same: to learn whose session it is. */
  readonly curious: boolean
  read(data: Uint8Array): Values | undefined
}

const END_OF_9999 = Date.UTC(9999, 11, 31, 23, 59, 59)

const codec = new JsonCodec()

const SITES: readonly (readonly [options: ScsOptions, mend: (values: Values) => Values | undefined])[] = [
  [{}, (values) => values],
  [
    { schema: Type.Object({ user: Type.String(), n: Type.Number() }), upgrade: (values) => ({ ...values, user: text(values['user']) }) },
    (values) => mended(values),
  ],
  [{ owner: 'user', idleTimeout: '20m' }, (values) => values],
]

async function startPayloadSites(): Promise<PayloadSite[]> {
  return await Promise.all(SITES.map(async ([options, mend]) => forSite(await FuzzSite.start(options), options.owner !== undefined, mend)))
}

function forSite(site: FuzzSite, curious: boolean, mend: (values: Values) => Values | undefined): PayloadSite {
  const read = (data: Uint8Array) => {
    try {
      const { deadline, values } = codec.decode(data)
      return deadline > site.clock() && deadline < END_OF_9999 ? mend(values) : undefined
    } catch {
      return undefined
    }
  }
  return { site, curious, read }
}

/** An object from outside may have a `toString` that is none. */
const text = (value: unknown) => (typeof value === 'object' ? '' : String(value))

/** What the schema and the upgrade of the second site come to. */
function mended(values: Values): Values | undefined {
  const fits = (key: string, type: string) => !Object.hasOwn(values, key) || typeof values[key] === type
  if (fits('user', 'string') && fits('n', 'number')) return values
  return fits('n', 'number') ? { ...values, user: text(values['user']) } : undefined
}
