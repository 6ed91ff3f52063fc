import t from 'tap'
import { Type } from 'typebox'
import type { ScsOptions } from '../../../index.ts'
import { GobCodec, goType, OpaqueValue } from '../../../lib/codecs/gob.ts'
import { isLasting } from '../../../lib/data/history.ts'
import { hashToken, newToken, renewalKey } from '../../../lib/token.ts'
import { login, type Site, startSite } from '../../http/steps.ts'
import { GoJudge } from '../../support/go.ts'
import type { Typed } from '../../support/go-values.ts'

const judge = await GoJudge.start()
t.teardown(() => judge.close())

type Values = Readonly<Record<string, Typed>>

/** A site with the codec, which shares its sessions with Go. */
async function gobSite(options: ScsOptions = {}): Promise<Site & { startInGo(): Promise<string>; inGo(key: string): Promise<Values> }> {
  const site = await startSite({ codec: new GobCodec(), ...options })
  const startInGo = async () => {
    const token = newToken()
    const { payload } = await judge.ask('fixed')
    await site.store.inner.create(hashToken(token), { data: Buffer.from(payload, 'base64'), expiresAt: site.clock() + 86_400_000 })
    return token
  }
  const inGo = async (key: string) => {
    const record = await site.store.inner.find(key, { expiry: true })
    const { values, error } = await judge.echo(record?.data ?? new Uint8Array())
    if (values === undefined) return { error: { go: String(error) } }
    return Object.fromEntries(Object.entries(values).filter(([name]) => !isLasting(name)))
  }
  return { ...site, startInGo, inGo: (token) => inGo(token.length === 43 && !token.startsWith('=') ? hashToken(token) : token.slice(1)) }
}

const fixed = (await judge.ask('fixed')).values as Values
/** What Go has, without the keys that a test changed. */
const without = (values: Values, ...keys: string[]) => Object.fromEntries(Object.entries(values).filter(([key]) => !keys.includes(key)))

t.test('what was read and not changed goes back with its Go type, and so does what was changed and still fits', async (t) => {
  const site = await gobSite()
  const token = await site.startInGo()
  const reply = await site.post(token, (session) => {
    const before = session.data() as Record<string, unknown>
    session.update('visits', (n) => Number(n) + 1)
    session.update('ratio', () => 4)
    session.update('user', (user) => ({ ...(user as object), Name: 'Grace' }))
    session.update('level', () => 'none')
    return { ...before, nan: String(before['nan']), blobs: 0 }
  })
  const { user, seen, raw, visits, nan } = reply.json()
  t.same([user, seen, raw, visits, nan], [{ ID: 7, Name: 'Ada', Tags: ['a'], Home: {} }, '2029-12-30T18:30:00.000Z', 'a\ufffd', 41, 'NaN'])
  const values = await site.inGo(token)
  t.same(values['visits'], { go: 'int64', value: '42' })
  t.same(values['ratio'], { go: 'float64', value: 4 })
  t.equal((values['user'] as { value: { Name: { value: string } } }).value.Name.value, 'Grace')
  t.equal(values['user']?.go, 'main.User')
  t.same(values['level'], { go: 'string', value: 'none' }, 'what fits no more takes its natural type')
  const changed = ['visits', 'ratio', 'user', 'level', '__computed']
  t.same(without(values, ...changed), without(fixed, ...changed))
})

t.test('the deadline keeps its nanoseconds and its zone until it is another', async (t) => {
  const site = await gobSite()
  const token = await site.startInGo()
  const deadline = async () =>
    (await judge.echo((await site.store.inner.find(hashToken(token), { expiry: true }))?.data as Uint8Array)).deadline
  await site.post(token, (session) => session.put('a', 1))
  t.match((await deadline())?.value, { nano: 123456789, offset: 19800 })
  await site.post(token, (session) => session.setDeadline(new Date(site.clock() + 5)))
  t.match((await deadline())?.value, { nano: 5e6, utc: true })
})

t.test('goType gives a type, which the key keeps; get returns the value alone; an equal value is not written again', async (t) => {
  const site = await gobSite()
  const token = await site.start({ visits: goType('int64', 41), small: 5n, opaque: new OpaqueValue('main.Opaque', new Uint8Array([7])) })
  const put = await site.post(token, (session) => {
    session.put('level', goType('main.Level uint8', 1))
    session.update('level', (n) => Number(n) + 1)
    session.put('cart', { count: goType('int32', 2), bytes: new Uint8Array(1) })
    return [session.get('visits'), session.get('small'), session.get('level'), (session.get('cart') as { count: number }).count]
  })
  t.same(put.json(), [41, 5, 2, 2])
  const values = await site.inGo(token)
  t.same(
    [values['visits']?.go, values['small']?.go, values['level'], values['opaque']?.value],
    ['int64', 'int64', { go: 'main.Level', value: '2' }, 'Bw=='],
  )
  t.match(values['cart']?.value, [
    [{}, { go: '[]uint8' }],
    [{}, { go: 'int32', value: '2' }],
  ])
  site.store.take()
  await site.post(token, (session) => {
    session.put('visits', goType('int64', 41))
    session.put('small', 5)
  })
  t.notMatch(site.store.take().join(), /update/)
  await site.post(token, (session) => session.put('visits', goType('int32', 41)))
  t.equal((await site.inGo(token))['visits']?.go, 'int32', 'another type alone is a change')
})

t.test('edits that are made again on what Go saved meanwhile take the types of that', async (t) => {
  const site = await gobSite()
  const token = await site.start({ n: 1, other: 'x' })
  const reply = await site.post(token, async (session) => {
    session.update('n', (n) => Number(n) + 1)
    const codec = new GobCodec()
    const found = await site.store.inner.find(hashToken(token), { expiry: true })
    const { type } = codec.admit('n', goType('int16', 10), undefined)
    const data = codec.encode(site.clock() + 1000, { n: 10, other: 3 }, { keys: new Map([['n', type]]) })
    await site.store.inner.update(hashToken(token), found?.data as Uint8Array, { data, expiresAt: site.clock() + 1000 })
  })
  t.equal(reply.statusCode, 200)
  const values = await site.inGo(token)
  t.same(
    [values['n'], values['other']],
    [
      { go: 'int16', value: '11' },
      { go: 'int', value: '3' },
    ],
  )
})

t.test('a merge takes the types of the other session with its values', async (t) => {
  const site = await gobSite()
  const other = await site.startInGo()
  const token = await site.start({ name: 'x', ratio: goType('int8', 1), visits: goType('uint16', 2), mine: goType('int16', 3) })
  await site.post(token, (session) => session.mergeSession(other))
  const values = await site.inGo(token)
  t.same(without(values, 'mine'), fixed)
  t.same(values['mine'], { go: 'int16', value: '3' })
  const plain = await site.start({ visits: 5 })
  await site.post(token, (session) => session.mergeSession(plain))
  t.same((await site.inGo(token))['visits'], { go: 'int', value: '5' })
})

t.test('clear and regenerate drop the types with the keys; a failed request keeps what is stored', async (t) => {
  const site = await gobSite()
  const token = await site.startInGo()
  const renewed = await site.post(token, async (session) => {
    await session.regenerate(['user', 'seen', 'visits'])
    session.put('ratio', 3)
    session.update('visits', (n) => n)
  })
  const next = renewed.cookies[0]?.value as string
  const values = await site.inGo(next)
  t.same(without(values, 'ratio', '__computed'), { user: fixed['user'], seen: fixed['seen'], visits: fixed['visits'] })
  t.same(values['ratio'], { go: 'int', value: '3' })
  await site.post(next, (session) => {
    session.put('visits', goType('int8', 1))
    session.clear()
    session.put('visits', 6)
  })
  t.same(await site.inGo(next), { visits: { go: 'int', value: '6' } })
})

t.test('what commit() saved keeps its types for what comes after, and so do changes that a failed commit gives back', async (t) => {
  const site = await gobSite()
  const token = await site.startInGo()
  await site.post(token, async (session) => {
    session.put('a', goType('int8', 1))
    site.store.fail('update', 'before')
    await session.commit().catch(() => {})
    session.put('b', goType('int16', 2))
    await session.commit()
    session.update('a', () => 3)
    session.update('visits', () => 1)
  })
  const values = await site.inGo(token)
  t.match(values, { a: { go: 'int8', value: '3' }, b: { go: 'int16' }, visits: { go: 'int64', value: '1' }, user: fixed['user'] })
})

t.test('upgrade keeps the types of what it leaves, changes or moves to another key', async (t) => {
  const site = await gobSite({
    schema: Type.Object({ visits: Type.String() }),
    upgrade: ({ visits, user, ...values }) => ({ ...values, visits: String(visits), profile: user, ratio: 5, level: goType('int8', 3) }),
  })
  const token = await site.startInGo()
  await site.post(token, (session) => session.put('visits', '42'))
  const values = await site.inGo(token)
  t.same(values['profile'], fixed['user'])
  t.match(values, { visits: { go: 'string' }, ratio: { go: 'float64', value: 5 }, level: { go: 'int8', value: '3' } })
  const changed = ['profile', 'user', 'visits', 'ratio', 'level']
  t.same(without(values, ...changed), without(fixed, ...changed))
})

t.test('the keys of the library and a renewal record can be read by Go', async (t) => {
  const site = await gobSite()
  const token = await site.start({ a: 1 })
  await site.post(token, (session) => session.rememberMe(true))
  t.same((await site.inGo(token))['__rememberMe'], { go: 'bool', value: true })
  await site.post(token, login('ada'))
  const record = await site.inGo(`=${renewalKey(hashToken(token))}`)
  t.equal(record['__renewedTo']?.go, 'string')
})
