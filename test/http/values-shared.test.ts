import assert from 'node:assert'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { JsonCodec } from '../../index.ts'
import { looksAt } from '../support/looks.ts'
import { blocksOf, root } from '../support/readme.ts'
import { type Handler, holdIn, type Site, startSite } from './steps.ts'

/** What a request reads. */
async function read(site: Site, token: string): Promise<unknown> {
  let data: unknown
  await site.get(token, (session) => {
    data = session.data()
  })
  return data
}

const OPEN = () => ({
  map: new Map<unknown, unknown>([['a', { n: 1 }]]),
  date: new Date(5e11),
  set: new Set([1]),
  deep: [{ at: new Date(7) }],
})

/** Changes what a session handed out in spite of its locks, by the methods of the prototypes. */
const force: Handler = (session) => {
  const { map, date, set, deep } = session.data() as ReturnType<typeof OPEN>
  Map.prototype.set.call(map, 'b', 'forced')
  Date.prototype.setTime.call(date, 0)
  Set.prototype.add.call(set, 'forced')
  Date.prototype.setTime.call(deep[0]?.at, 0)
}

t.test('what a request changes in spite of the locks reaches no other request of that session, nor the store', async (t) => {
  const site = await startSite()
  const token = await site.start(OPEN())
  for (let i = 0; i < 3; i++) {
    t.equal((await site.post(token, force)).statusCode, 200)
    assert.deepStrictEqual(await read(site, token), OPEN())
  }
  await site.post(token, (session) => session.put('other', 1))
  assert.deepStrictEqual(await read(site, token), { ...OPEN(), other: 1 })
})

t.test('nor one that is under way at the same time', async () => {
  const site = await startSite()
  const token = await site.start(OPEN())
  for (let i = 0; i < 2; i++) {
    const { handler, held } = holdIn((session) => void session.data())
    const reading = site.get(token, async (session, request, reply) => {
      await handler(session, request, reply)
      assert.deepStrictEqual(session.data(), OPEN())
    })
    await held.reached
    await site.post(token, force)
    held.release()
    assert.equal((await reading).statusCode, 200)
  }
})

t.test('requests share plain data, and none can change it or the object that it is in', async (t) => {
  const site = await startSite()
  const values = { cart: [{ sku: 'a', tags: ['y', 'x'] }], theme: { dark: true }, id: 'u1' }
  const token = await site.start(values)
  const seen = new Set<unknown>()
  for (let i = 0; i < 4; i++) {
    const reply = await site.post(token, async (session) => {
      const cart = session.get('cart') as { sku: string; tags: string[] }[]
      seen.add(cart)
      for (const change of [
        () => Array.prototype.push.call(cart, 1),
        () => Array.prototype.sort.call(cart[0]?.tags),
        () => Object.assign(cart[0] ?? {}, { sku: 'b' }),
        () => Object.defineProperty(session.get('theme'), 'dark', { value: false }),
      ])
        t.throws(change, TypeError)
      session.put('id', 'u2')
      session.put('more', 1)
      session.remove('theme')
      session.update('cart', () => [])
      session.clear()
      throw new Error('so none of this is saved')
    })
    t.equal(reply.statusCode, 500)
  }
  t.ok(seen.size < 4, 'several requests saw one cart')
  assert.deepStrictEqual(await read(site, token), values)
})

t.test('an object that several requests read is walked once', async (t) => {
  const site = await startSite()
  const token = await site.start({ cart: Array.from({ length: 40 }, (_, i) => ({ sku: `sku-${i}`, tags: ['a', 'b'] })) })
  const looks: number[] = []
  for (let i = 0; i < 4; i++) await site.get(token, (session) => void looks.push(looksAt(() => session.get('cart'))))
  t.not(looks[0], 0)
  t.strictSame(looks.slice(2), [0, 0])
})

t.test('a Buffer is refused at put, for a Uint8Array would come back, and what is put instead does come back', async (t) => {
  const site = await startSite()
  const hash = Buffer.from('beef', 'hex')
  for (const value of [hash, { hash }, [hash], new Map([['hash', hash]])]) {
    const reply = await site.post(undefined, (session) => session.put('hash', value))
    t.match(reply.json(), { code: 'FST_ERR_SCS_VALUE', message: /it is an instance of a class, Buffer: put new Uint8Array\(buffer\)/ })
    t.equal((await site.post(undefined, (session) => session.update('hash', () => value))).json().code, 'FST_ERR_SCS_VALUE')
  }
  const { hash: bytes } = (await read(site, await site.start({ hash: new Uint8Array(hash) }))) as { hash: Uint8Array }
  assert.deepStrictEqual(bytes, Uint8Array.of(0xbe, 0xef))
  t.equal(Buffer.from(bytes).toString('hex'), 'beef')
})

t.test('a codec that decodes bytes to Buffers hands out what was put', async (t) => {
  const codec = new JsonCodec()
  const { decode } = codec
  codec.decode = (data) => {
    const { deadline, values } = decode(data)
    return { deadline, values: { ...values, hash: Buffer.from(values['hash'] as Uint8Array) } }
  }
  const site = await startSite({ codec })
  const token = await site.start({ hash: Uint8Array.of(0xbe, 0xef) })
  const updated = await site.post(token, (session) => {
    assert.deepStrictEqual(session.get('hash'), Uint8Array.of(0xbe, 0xef))
    session.update('hash', (hash) => hash)
  })
  t.equal(updated.statusCode, 200)
  const merged = await site.post(undefined, async (session) => {
    await session.mergeSession(token)
    assert.deepStrictEqual(session.get('hash'), Uint8Array.of(0xbe, 0xef))
  })
  t.equal(merged.statusCode, 200)
})

t.test('put freezes what others use as well, but not what a copy was put of, as the documentation shows', async (t) => {
  const example = blocksOf('docs/session.md').find(({ text }) => text.includes('structuredClone'))?.text ?? ''
  const [, message = ''] = /TypeError: (.*)/.exec(example) ?? []
  const site = await startSite()
  await site.post(undefined, (session) => {
    t.throws(() => new Function('session', example)(session), { name: 'TypeError', message })
    t.strictSame(session.get('prefs'), { theme: 'light', panels: ['inbox', 'news'] }, 'all lines before the last one were run')
  })
  for (const page of ['docs/session.md', 'types/session.ts']) t.match(readFileSync(join(root, page), 'utf8'), 'structuredClone(', page)
})
