import t from 'tap'
import { GobCodec } from '../../lib/codecs/gob.ts'
import { hashToken, newToken } from '../../lib/token.ts'
import { cookieOf, setCookies } from '../support/app.ts'
import { FOREIGN } from './broken-payloads.ts'
import { type Handler, type Site, startSite } from './steps.ts'

const BY_GO = "SCS's GobCodec wrote its payload, in Go: set the option codec to new GobCodec(), from fastify-scs/codecs/gob"
const BY_OTHERS = 'another codec wrote its payload: set the option codec to that one'

/** Puts the payload of another codec under a new token. */
async function plant(site: Site, data: string | Uint8Array, owner?: string): Promise<string> {
  const token = newToken()
  await site.store.inner.create(hashToken(token), { data: Buffer.from(data), expiresAt: site.clock() + 3_600_000, owner })
  return token
}

async function stays(site: Site, token: string, data: string | Uint8Array): Promise<boolean> {
  const record = await site.store.inner.find(hashToken(token), { expiry: false })
  return record !== undefined && Buffer.from(record.data).equals(Buffer.from(data))
}

async function allOf<T>(listing: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const each of listing) all.push(each)
  return all
}

t.test('rule 7: the payload of another codec stays, whatever a request does, and its client is a stranger', async (t) => {
  const uses: readonly (readonly [Handler, cookies: number])[] = [
    [() => ({}), 0],
    [(session) => ({ data: session.data(), isNew: session.isNew, token: session.token }), 0],
    [(session) => session.put('user', 'carl'), 1],
    [(session) => session.update('visits', (visits) => Number(visits ?? 0) + 1), 1],
    [(session) => session.renewToken(), 0],
    [async (session) => session.regenerate(), 0],
    [async (session) => session.destroy(), 1],
    [
      async (session) => {
        session.data()
        await session.destroy()
      },
      1,
    ],
    [
      async (session) => {
        session.put('user', 'carl')
        await session.commit()
      },
      1,
    ],
    [
      async (session) => {
        await session.reload()
        return session.data()
      },
      0,
    ],
  ]
  for (const [name, bytes] of FOREIGN) {
    for (const [use, cookies] of uses) {
      const site = await startSite({ owner: 'user', idleTimeout: '20m' })
      const token = await plant(site, bytes)
      const reply = await site.post(token, use)
      t.equal(reply.statusCode, 200, `${name}: ${use}`)
      t.equal(setCookies(reply).length, cookies, `${name}: ${use}`)
      t.not(cookieOf(reply), token)
      t.ok(await stays(site, token, bytes), `${name}: ${use}`)
      await site.post(token, (session) => session.data())
      t.same(
        site.warnings().map(({ cause }) => cause),
        [name.startsWith('a gob') ? BY_GO : BY_OTHERS],
        `${name}: one warning`,
      )
    }
  }
})

t.test('the listings and count agree on it, and whoever administrates may end it', async (t) => {
  for (const [name, bytes] of FOREIGN) {
    const site = await startSite({ owner: 'user' })
    const token = await plant(site, bytes, 'ann')
    await site.start({ user: 'ann' })
    const { sessions } = site.app
    const listed = await allOf(sessions.all())
    t.equal(listed.length, await sessions.count(), name)
    const [foreign] = listed.filter(({ isForeign }) => isForeign)
    const expiresAt = site.clock() + 3_600_000
    const unknown = { createdAt: undefined, authenticatedAt: undefined, lastSeenAt: undefined, client: undefined }
    t.strictSame(
      { ...foreign, id: undefined },
      {
        ...{ id: undefined, owner: 'ann', values: {}, deadline: new Date(expiresAt), expiresAt, ...unknown },
        ...{ isCurrent: false, isRemembered: false, isForeign: true },
      },
    )
    t.equal((await allOf(sessions.ownedBy('ann'))).length, 2)
    t.equal(await sessions.find(token), undefined)
    t.ok(await stays(site, token, bytes), name)
    t.equal(await sessions.destroy(String(foreign?.id)), true)
    t.notOk(await stays(site, token, bytes))
  }
})

t.test('of two cookies, the one of another codec does not count', async (t) => {
  const site = await startSite()
  const [, bytes] = FOREIGN[0] ?? ['', '']
  const foreign = await plant(site, bytes)
  const own = await site.start({ user: 'ann' })
  const cookie = `session=${foreign}; session=${own}`
  const run = (handler: Handler) => site.send('POST', undefined, handler, { cookie })
  t.strictSame((await run((session) => session.data())).json(), { user: 'ann' })
  await run(async (session) => session.destroy())
  t.ok(await stays(site, foreign, bytes))
  t.strictSame(await site.stored(own), undefined)
})

t.test('it is not merged, and a save that meets it is superseded', async (t) => {
  const site = await startSite()
  const [, bytes] = FOREIGN[0] ?? ['', '']
  const foreign = await plant(site, bytes)
  const own = await site.start({ user: 'ann' })
  const merged = await site.post(own, async (session) => {
    session.put('a', 1)
    await session.mergeSession(foreign)
  })
  t.equal(merged.statusCode, 200)
  t.ok(await stays(site, foreign, bytes))
  const reply = await site.post(own, async (session) => {
    session.put('b', 1)
    const key = hashToken(own)
    const record = await site.store.inner.find(key, { expiry: true })
    if (record) await site.store.inner.update(key, record.data, { data: Buffer.from(bytes), expiresAt: site.clock() + 1000 })
  })
  t.equal(reply.json().code, 'FST_ERR_SCS_SUPERSEDED')
  t.ok(await stays(site, own, bytes))
})

t.test('a service with GobCodec leaves our own JSON alone', async (t) => {
  const site = await startSite({ codec: new GobCodec() })
  const bytes = JSON.stringify({ deadline: site.clock() + 3_600_000, values: { user: 'ann' } })
  const token = await plant(site, bytes)
  t.strictSame((await site.post(token, (session) => session.put('user', 'carl'))).statusCode, 200)
  t.strictSame((await site.get(token, (session) => session.isNew)).json(), true)
  t.ok(await stays(site, token, bytes))
  t.match(site.warnings(), [{ cause: /^JsonCodec wrote its payload/ }])
  t.equal(site.warnings().length, 1)
})

t.test('a logout that ends nothing is a warning', async (t) => {
  const site = await startSite()
  const [, bytes] = FOREIGN[0] ?? ['', '']
  await site.post(await plant(site, bytes), (session) => session.destroy())
  t.match(site.warnings(), [{ cause: BY_OTHERS }])
})
