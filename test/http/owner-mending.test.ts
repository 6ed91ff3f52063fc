import t from 'tap'
import { JsonCodec } from '../../index.ts'
import { hashToken, newToken } from '../../lib/token.ts'
import { type Site, startSite } from './steps.ts'

const HOUR = 3_600_000

/** A session as somebody writes it who keeps no owners, a Go service say; its token. */
async function written(site: Site, values: Record<string, unknown>, owner?: string): Promise<string> {
  const token = newToken()
  const expiresAt = site.clock() + HOUR
  const data = new JsonCodec().encode(expiresAt, values)
  await site.store.inner.create(hashToken(token), { data, expiresAt, ...(owner === undefined ? {} : { owner }) })
  return token
}

async function devices(site: Site, owner: string): Promise<number> {
  let count = 0
  for await (const _ of site.app.sessions.ownedBy(owner)) count++
  return count
}

t.test(
  'a session that was written without its owner has it after the first request, whether that looks at the session or not',
  async (t) => {
    for (const handler of [() => ({}), undefined]) {
      const site = await startSite({ owner: 'user' })
      const token = await written(site, { user: 'ann' })
      t.equal(await devices(site, 'ann'), 0)
      site.store.take()
      t.equal((await site.get(token, handler)).statusCode, 200)
      t.strictSame(site.store.take(), ['find', 'update'])
      t.equal(await devices(site, 'ann'), 1)
      site.store.take()
      await site.get(token, handler)
      t.strictSame(site.store.take(), ['find'], 'once')
      t.equal(await site.app.sessions.destroyOwnedBy('ann'), 1)
    }
  },
)

t.test('a session whose owner changed under another writer is handed over when it is read', async (t) => {
  const site = await startSite({ owner: 'user' })
  const token = await written(site, { user: 'bob' }, 'ann')
  await site.get(token)
  t.strictSame([await devices(site, 'ann'), await devices(site, 'bob')], [0, 1])
})

t.test('mending changes not the content, counts as a touch, and sends no cookie', async (t) => {
  for (const idleTimeout of ['20m', undefined] as const) {
    const site = await startSite({ owner: 'user', ...(idleTimeout === undefined ? {} : { idleTimeout }) })
    const token = await written(site, { user: 'ann', page: 7 })
    const record = () => site.store.inner.find(hashToken(token), { expiry: true })
    const before = await record()
    const reply = await site.get(token)
    t.equal(reply.headers['set-cookie'], undefined)
    const expiresAt = idleTimeout === undefined ? before?.expiresAt : site.clock() + HOUR / 3
    t.strictSame(await record(), { ...before, expiresAt, owner: 'ann' })
  }
})

t.test('a route that does not touch mends nothing', async (t) => {
  const site = await startSite({ owner: 'user', idleTimeout: '20m' })
  const token = await written(site, { user: 'ann' })
  site.store.take()
  t.equal((await site.send('GET', token, undefined, { url: '/quiet' })).statusCode, 200)
  t.strictSame(site.store.take(), ['find'])
})

t.test('a mend that the store cannot make is a line in the log, and not a reply’s failure', async (t) => {
  const site = await startSite({ owner: 'user' })
  const token = await written(site, { user: 'ann' })
  site.store.update = () => Promise.reject(new RangeError('too long an owner'))
  t.equal((await site.get(token)).statusCode, 200)
  const err = { code: 'FST_ERR_SCS_STORE' }
  t.match(site.warnings(), [{ msg: 'the owner of a session could not be written beside it', err }])
})

t.test('an anonymous session, and one of a site without owners, costs no write', async (t) => {
  const anonymous = await startSite({ owner: 'user' })
  const owners = await startSite({})
  for (const [site, values] of [
    [anonymous, { page: 1 }],
    [owners, { user: 'ann' }],
  ] as const) {
    const token = await written(site, values)
    await site.get(token)
    await site.get(token, () => ({}))
    t.strictSame(site.store.take(), ['find', 'find'])
  }
})

t.test('a payload is not read to learn whose it is where the store knows somebody', async (t) => {
  const codec = new JsonCodec()
  let reads = 0
  const decode = (data: Uint8Array) => {
    reads++
    return codec.decode(data)
  }
  const site = await startSite({ owner: 'user', idleTimeout: '20m', codec: { encode: codec.encode, decode } })
  const token = await site.start({ user: 'ann' })
  await site.get(token, () => ({}))
  t.equal(reads, 0)
  await site.get(token)
  t.equal(reads, 1)
})

t.test('a mend that meets another request gives way', async (t) => {
  const site = await startSite({ owner: 'user' })
  const token = await written(site, { user: 'ann' })
  const [first, second] = await Promise.all([site.get(token), site.post(token, (session) => session.put('page', 1))])
  t.strictSame([first.statusCode, second.statusCode], [200, 200])
  t.strictSame(await site.stored(token), { user: 'ann', page: 1 })
  t.equal(await devices(site, 'ann'), 1)
})

t.test('one whose bytes cannot be read is removed, not mended', async (t) => {
  const site = await startSite({ owner: 'user' })
  const token = newToken()
  await site.store.inner.create(hashToken(token), { data: Buffer.from('{'), expiresAt: site.clock() + HOUR })
  site.store.take()
  t.equal((await site.get(token, () => ({}))).statusCode, 200)
  t.strictSame(site.store.take(), ['find', 'delete'])
})

t.test('a session that was left without an end gets one with the next request', async (t) => {
  const site = await startSite({ idleTimeout: '20m' })
  const token = await site.start({ user: 'ann' })
  const find = site.store.inner.find.bind(site.store.inner)
  site.store.inner.find = async (key, want) => {
    const found = await find(key, want)
    return found && { data: found.data }
  }
  site.clock.advance(60_000)
  site.store.take()
  await site.get(token)
  t.strictSame(site.store.take(), ['find', 'touch'])
})
