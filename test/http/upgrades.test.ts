import t from 'tap'
import { Type } from 'typebox'
import type { ScsOptions } from '../../index.ts'
import { setCookies } from '../support/app.ts'
import { type Site, startSite } from './steps.ts'

const schema = Type.Object({ count: Type.Integer(), user: Type.Optional(Type.String()) })

type Upgrade = (values: Record<string, unknown>) => Record<string, unknown>

/** A site whose release before stored a count as text. */
async function upgrading(upgrade: unknown, options: ScsOptions = {}): Promise<{ site: Site; token: string }> {
  const site = await startSite({ schema, upgrade: upgrade as Upgrade, ...options })
  const token = await site.start({ count: 1, user: 'ann' })
  const { inner } = site.store
  const find = inner.find.bind(inner)
  inner.find = async (key, want) => {
    const found = await find(key, want)
    return found && { ...found, data: Buffer.from(String(Buffer.from(found.data)).replace('"count":1', '"count":"1"')) }
  }
  site.store.take()
  return { site, token }
}

const bugs: Readonly<Record<string, unknown>> = {
  'is async': async (values: object) => ({ ...values, count: 1 }),
  rejects: async () => Promise.reject(new Error('no database')),
  'forgets its return': (values: object) => void Object.assign(values, { count: 1 }),
  throws: () => {
    throw new Error('a bug')
  },
  'returns an array': () => [],
}

t.test('an upgrade that fails by a bug removes nothing: whoever needs the session gets an error, and the cookie stays', async (t) => {
  for (const [name, upgrade] of Object.entries(bugs)) {
    const { site, token } = await upgrading(upgrade)
    const reply = await site.post(token, (session) => session.get('count'))
    t.match(reply.json(), { statusCode: 500, code: 'FST_ERR_SCS_UPGRADE' }, name)
    t.strictSame(setCookies(reply), [])
    t.strictSame(site.store.take(), ['find'])
    t.equal((await site.post(token, () => 'no look')).statusCode, 200)
    const listed = []
    for await (const each of site.app.sessions.all()) listed.push(each)
    t.equal(listed.length, 1, 'a listing reads what is there')
  }
})

t.test('a session that cannot be upgraded is left out of a listing with a warning, and is no error in a log', async (t) => {
  const { site, token } = await upgrading(bugs['throws'])
  const record = (await site.store.inner.find((await import('../../lib/token.ts')).hashToken(token), { expiry: true })) ?? t.fail()
  t.ok(record)
  site.store.inner.all = async function* () {
    if (record && typeof record === 'object') yield { key: 'k', record: { data: record.data, expiresAt: Number.MAX_SAFE_INTEGER } }
  }
  const listed = []
  for await (const each of site.app.sessions.all()) listed.push(each)
  t.strictSame(listed, [])
  t.match(site.warnings().at(-1), { msg: 'a session could not be upgraded, and was left out of a listing' })
  await site.post(token, (session) => t.equal(JSON.stringify({ session }), '{}'))
})

t.test('a request that does not look at the session is answered, and touches nothing', async (t) => {
  const { site, token } = await upgrading(bugs['throws'], { idleTimeout: '20m' })
  site.clock.advance(10 * 60_000)
  const reply = await site.post(token, () => ({ fine: true }))
  t.strictSame(reply.json(), { fine: true })
  t.strictSame(site.store.take(), ['find'])
  t.match(site.warnings(), [{ msg: 'a session could not be upgraded, so it was not touched', err: { code: 'FST_ERR_SCS_UPGRADE' } }])
})

t.test('values that the upgrade gives and the schema refuses make a new session, and the log says where', async (t) => {
  const { site, token } = await upgrading((values: object) => values)
  const reply = await site.get(token)
  t.strictSame(reply.json(), {})
  t.match(site.warnings()[0], { reason: 'upgrade gave values that the schema refuses at count' })
})
