import t from 'tap'
import type { ScsSession } from '../../index.ts'
import { hashToken, newToken } from '../../lib/token.ts'
import { cookieOf, setCookies } from '../support/app.ts'
import { BROKEN, REASONS, schema, text } from './broken-payloads.ts'
import { type Handler, holdNext, type Site, startSite } from './steps.ts'

/** What JsonCodec wrote, and somebody changed. */
const BROKEN_JSON = '{"deadline":1broken'

/** Puts bytes under a new token, as another release or a broken disk would. */
async function plant(site: Site, data: string | Uint8Array): Promise<string> {
  const token = newToken()
  await site.store.inner.create(hashToken(token), { data: Buffer.from(data), expiresAt: site.clock() + 3_600_000 })
  return token
}

async function bytesOf(site: Site, token: string): Promise<string | undefined> {
  const record = await site.store.inner.find(hashToken(token), { expiry: false })
  return record === undefined ? undefined : Buffer.from(record.data).toString()
}

t.test('rule 7: what cannot be read turns into a new session, with one warning, and exactly that record is removed', async (t) => {
  for (const [name, options, bytes] of BROKEN) {
    const site = await startSite(options)
    const token = await plant(site, bytes(site))
    const other = await site.start({ user: 'bob' })
    const reply = await site.get(token, (session) => {
      session.get('user')
      return { data: session.data(), new: session.isNew, token: session.token, status: session.status }
    })
    t.equal(reply.statusCode, 200, name)
    t.strictSame(reply.json(), { data: {}, new: true, token: '', status: 'unmodified' }, name)
    t.strictSame(setCookies(reply), [], name)
    t.equal(site.warnings().length, 1, `${name}: one warning`)
    const otherwise = options.schema === undefined ? 'its bytes do not decode' : 'the schema refuses its values'
    t.equal(site.warnings()[0]?.['reason'], REASONS[name] ?? otherwise, name)
    t.equal(await bytesOf(site, token), undefined, `${name}: removed`)
    t.strictSame(await site.stored(other), { user: 'bob' })
    await site.get(token)
    t.equal(site.warnings().length, 1, `${name}: from then on it is an unknown token`)
  }
})

t.test('rule 7: a put afterwards makes a new session with a new token', async (t) => {
  for (const [name, options, bytes] of BROKEN) {
    const site = await startSite(options)
    const token = await plant(site, bytes(site))
    const reply = await site.post(token, (session) => session.put('user', 'carl'))
    t.equal(reply.statusCode, 200, name)
    t.equal(setCookies(reply).length, 1, name)
    t.not(cookieOf(reply), token, name)
    t.strictSame((await site.get(cookieOf(reply))).json(), { user: 'carl' }, name)
    t.equal(await bytesOf(site, token), undefined, name)
    t.equal(site.warnings().length, 1, name)
  }
})

t.test('rule 7: where nobody reads the session, nothing happens to it', async (t) => {
  for (const [name, options, bytes] of BROKEN) {
    const site = await startSite(options)
    const token = await plant(site, bytes(site))
    const before = await bytesOf(site, token)
    site.store.take()
    t.equal((await site.get(token, () => ({}))).statusCode, 200, name)
    t.strictSame(site.store.take(), ['find'], name)
    t.equal(await bytesOf(site, token), before, name)
    t.strictSame(site.warnings(), [], name)
  }
})

t.test('rule 7: a record that was mended meanwhile stays', async (t) => {
  const uses: [Handler, string | undefined][] = [
    [(session) => session.data(), undefined],
    [(session) => session.put('user', 'carl'), 'carl'],
  ]
  for (const [handler, user] of uses) {
    const site = await startSite()
    const token = await plant(site, BROKEN_JSON)
    const removal = holdNext(site.store, 'delete')
    const slow = site.post(token, handler)
    await removal.reached
    const mended = text(site, { user: 'ann' })
    const data = Buffer.from(mended)
    await site.store.inner.update(hashToken(token), Buffer.from(BROKEN_JSON), { data, expiresAt: site.clock() + 1000 })
    removal.release()
    const reply = await slow
    t.equal(reply.statusCode, 200)
    t.equal(await bytesOf(site, token), mended)
    t.strictSame((await site.get(token)).json(), { user: 'ann' })
    if (user !== undefined) t.strictSame((await site.get(cookieOf(reply))).json(), { user })
  }
})

t.test('rule 7: what upgrade mends goes on under the same token, and is stored with the next change', async (t) => {
  const site = await startSite({
    schema,
    upgrade: ({ name, ...values }) => ({ ...values, user: String(name), cart: [] }),
  })
  const token = await plant(site, text(site, { name: 'ann', cart: 'none' }))
  const read = await site.get(token)
  t.strictSame(read.json(), { user: 'ann', cart: [] })
  t.strictSame(site.warnings(), [])
  const written = await site.post(token, (session) => session.update('cart', (cart) => [...(cart as string[]), 'pen']))
  t.equal(written.statusCode, 200)
  t.strictSame(setCookies(written), [])
  t.strictSame((await site.get(token)).json(), { user: 'ann', cart: ['pen'] })
  t.notMatch(await bytesOf(site, token), 'name')
})

t.test('rule 7: a key that the schema does not know is carried, and a missing one is no fault', async (t) => {
  const site = await startSite({ schema })
  const token = await plant(site, text(site, { newer: { release: 2 } }))
  t.equal((await site.post(token, (session) => session.put('user', 'ann'))).statusCode, 200)
  t.strictSame(await site.stored(token), { newer: { release: 2 }, user: 'ann' })
  const refused = await site.post(token, (session) => session.put('newer', 1))
  t.equal(refused.json().code, 'FST_ERR_SCS_KEY')
})

t.test('rule 7: a record that breaks between a load and a save is no ground to save on', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  const update = holdNext(site.store, 'update')
  const slow = site.post(token, (session) => session.put('a', 1))
  await update.reached
  const found = await site.store.inner.find(hashToken(token), { expiry: true })
  await site.store.inner.update(hashToken(token), found?.data ?? Buffer.of(), { data: Buffer.from('{'), expiresAt: site.clock() + 1000 })
  update.release()
  const reply = await slow
  t.equal(reply.statusCode, 409)
  t.strictSame(setCookies(reply), [])
})

t.test(
  'a session larger than maxBytes has become is read, merged and ended like any other; only what is saved must be smaller',
  async (t) => {
    const site = await startSite({ maxBytes: 200 })
    const list = Array.from({ length: 200 }, () => 1)
    const token = await plant(site, text(site, { list }))
    t.strictSame((await site.get(token)).json(), { list })
    t.equal((await site.post(token, (session) => session.put('a', 1))).json().code, 'FST_ERR_SCS_TOO_LARGE')
    const merged = await site.post(await site.start({ b: 2 }), (session) => session.mergeSession(token))
    t.equal(merged.json().code, 'FST_ERR_SCS_TOO_LARGE')
    t.strictSame(await site.stored(token), { list }, 'a merge that was not saved ends nothing')
    t.equal((await site.post(token, (session) => session.remove('list'))).statusCode, 200)
  },
)

t.test('rule 7: a logout of a session that cannot be read ends it and clears the cookie', async (t) => {
  const site = await startSite()
  const token = await plant(site, '{')
  const reply = await site.post(token, (session) => session.destroy())
  t.equal(reply.statusCode, 200)
  t.equal(cookieOf(reply), '')
  t.equal(await bytesOf(site, token), undefined)
})

t.test('rule 7: such a logout ends it also after the session was read, at once and by a commit', async (t) => {
  const site = await startSite()
  for (const more of [() => undefined, (session: ScsSession) => session.commit()]) {
    const token = await plant(site, '{')
    const reply = await site.post(token, async (session) => {
      t.equal(session.isNew, true)
      await session.destroy()
      await more(session)
    })
    t.equal(cookieOf(reply), '')
    t.equal(await bytesOf(site, token), undefined)
  }
})

t.test('rule 7: a removal that fails is a 503, and the record is removed by the next request', async (t) => {
  const site = await startSite()
  const token = await plant(site, '{')
  site.store.fail('delete', 'before')
  t.equal((await site.get(token)).statusCode, 503)
  t.equal((await site.get(token)).statusCode, 200)
  t.equal(await bytesOf(site, token), undefined)
})

t.test('rule 7: the warning quotes nothing of what was stored', async (t) => {
  const site = await startSite({ schema })
  for (const bytes of ['{"deadline":1secret-4711', text(site, { user: { secret: 'secret-4711' } })])
    await site.get(await plant(site, bytes))
  t.equal(site.warnings().length, 2)
  t.notMatch(JSON.stringify(site.lines), 'secret-4711')
})
