import t from 'tap'
import { MemoryStore, type ScsSession } from '../../index.ts'
import { EncryptedCodec } from '../../lib/codecs/encrypted.ts'
import { GobCodec, goType } from '../../lib/codecs/gob.ts'
import { hashToken } from '../../lib/token.ts'
import type { SessionCodec } from '../../types/codec.ts'
import { cookieOf, makeApp } from '../support/app.ts'

const key = (byte: number) => Buffer.alloc(32, byte)
const keys = (...bytes: number[]) => new EncryptedCodec({ keys: bytes.map(key) })

type Use = (session: ScsSession) => unknown
const read: Use = (session) => session.data()

/** One release of an application, on a store that outlives it. */
async function release(store: MemoryStore, codec?: SessionCodec) {
  let use = read
  const { app, warnings } = await makeApp({ store, ...(codec && { codec }) }, (app) => {
    app.post('/', async ({ session }) => (await use(session)) ?? {})
  })
  const send = async (token: string | undefined, handler = read) => {
    use = handler
    const reply = await app.inject({ method: 'POST', url: '/', cookies: token === undefined ? {} : { session: token } })
    return { code: reply.statusCode, body: reply.json(), token: cookieOf(reply) ?? token }
  }
  return { send, causes: () => warnings().map(({ cause }) => cause) }
}

const bytesOf = async (store: MemoryStore, token = '') => store.find(hashToken(token))

t.test('encryption is switched on, the key is changed, and nobody is logged out', async (t) => {
  const store = new MemoryStore()
  const login: Use = (session) => session.put('user', 'ann')
  const { token } = await (await release(store)).send(undefined, login)
  const steps: readonly SessionCodec[] = [
    new EncryptedCodec({ keys: [key(1)], readsPlain: true }),
    keys(1, 2),
    keys(2, 1),
    new EncryptedCodec({ keys: [key(2)] }),
  ]
  for (const [i, codec] of steps.entries()) {
    const site = await release(store, codec)
    t.same((await site.send(token)).body, { user: 'ann', ...(i > 0 && { step: i - 1 }) }, `step ${i}`)
    await site.send(token, (session) => session.put('step', i))
    const { data = Buffer.alloc(0) } = (await bytesOf(store, token)) ?? {}
    t.notOk(Buffer.from(data).includes('ann'), 'the store shows nothing')
    t.same(site.causes(), [])
  }
})

t.test('a key that was forgotten at a release makes strangers, and comes back without a loss', async (t) => {
  const store = new MemoryStore()
  const [before, forgotten] = [await release(store, keys(1)), await release(store, keys(2))]
  const { token } = await before.send(undefined, (session) => session.put('user', 'ann'))
  const bytes = await bytesOf(store, token)
  for (const use of [read, (session: ScsSession) => session.renewToken(), (session: ScsSession) => session.destroy()])
    t.equal((await forgotten.send(token, use)).code, 200)
  t.same((await forgotten.send(token)).body, {})
  t.same(forgotten.causes(), ['no key opens its payload: add the key that encrypted it to the keys of EncryptedCodec'])
  t.same(await bytesOf(store, token), bytes)
  t.same((await before.send(token)).body, { user: 'ann' })
})

t.test('a byte that somebody changed in the store ends that session, as every broken record does', async (t) => {
  const store = new MemoryStore()
  const site = await release(store, keys(1))
  const { token = '' } = await site.send(undefined, (session) => session.put('user', 'ann'))
  const record = await bytesOf(store, token)
  if (record === undefined) throw new Error('it is not there')
  const data = Buffer.from(record.data)
  data[data.length - 1] = (data.at(-1) as number) ^ 1
  await store.update(hashToken(token), record.data, { data, expiresAt: Date.now() + 3_600_000 })
  t.same((await site.send(token)).body, {})
  t.equal(await bytesOf(store, token), undefined)
  t.equal(site.causes().length, 1)
})

t.test('updates at once, a login, a logout and types of Go go through it', async (t) => {
  const site = await release(new MemoryStore(), new EncryptedCodec({ keys: [key(1)], codec: new GobCodec() }))
  const { token } = await site.send(undefined, (session) => session.put('n', goType('int64', 0)))
  const add: Use = (session) => session.update('n', (n) => Number(n) + 1)
  await Promise.all(Array.from({ length: 20 }, () => site.send(token, add)))
  t.same((await site.send(token)).body, { n: 20 })
  t.equal((await site.send(token, (session) => session.put('s', new Set()))).body.code, 'FST_ERR_SCS_VALUE')
  const renewed = await site.send(token, (session) => session.renewToken())
  t.same([(await site.send(token)).body, (await site.send(renewed.token)).body], [{}, { n: 20 }])
  await site.send(renewed.token, (session) => session.destroy())
  t.same((await site.send(renewed.token)).body, {})
})
