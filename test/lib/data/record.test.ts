import t from 'tap'
import { Type } from 'typebox'
import { JsonCodec } from '../../../lib/data/codec.ts'
import { hasVisible, isReserved, makeRecord, ownerOf, ownerText, readRecord } from '../../../lib/data/record.ts'
import { type Settings, settle } from '../../../lib/settings.ts'
import type { ManagerOptions } from '../../../types/options.ts'
import { fakeClock } from '../../support/clock.ts'
import { SpyStore } from '../../support/spy-store.ts'

const now = fakeClock()()
const DEADLINE = now + 1000
const codec = new JsonCodec()
const settings = (options: ManagerOptions = {}): Settings => settle({ store: new SpyStore(), ...options })
const encoded = (values: Record<string, unknown>, deadline = DEADLINE) => codec.encode(deadline, values)

t.test('keys with two leading underscores are reserved', async (t) => {
  for (const key of ['__', '__rememberMe', '__proto__', '___']) t.ok(isReserved(key), key)
  for (const key of ['', '_', '_a', 'a__', '_-_', '-__']) t.notOk(isReserved(key), key)
})

t.test('a session holds something when it has a key of the application, whatever its value', async (t) => {
  for (const values of [{ a: null }, { a: false }, { __rememberMe: true, a: 0 }, { '': 1 }, { _: 1 }])
    t.ok(hasVisible(values), JSON.stringify(values))
  for (const values of [{}, { __rememberMe: true }, { __renewedTo: 'k', __x: 1 }]) t.notOk(hasVisible(values), JSON.stringify(values))
})

t.test('a record is read when its bytes decode and its deadline is to come', async (t) => {
  t.strictSame(readRecord(settings(), encoded({ a: 1 }), now), { deadline: DEADLINE, values: { a: 1 } })
  t.strictSame(readRecord(settings(), encoded({ a: 1 }), DEADLINE - 1), { deadline: DEADLINE, values: { a: 1 } })
  for (const late of [DEADLINE, DEADLINE + 1])
    t.strictSame(readRecord(settings(), encoded({}), late), { unreadable: 'its deadline has passed', isOver: true })
})

t.test('bytes that do not decode, or have no sensible deadline, are no session, and the reason quotes none of them', async (t) => {
  for (const bytes of ['', '{"deadline":1geheim', '{"deadline":1e999,"values":{}}', '{"deadline":1\xff']) {
    t.strictSame(
      readRecord(settings(), Buffer.from(bytes, 'latin1'), now),
      { unreadable: 'its bytes do not decode' },
      JSON.stringify(bytes),
    )
  }
  const odd = { encode: codec.encode, decode: () => ({ deadline: Number.NaN, values: {} }) }
  t.strictSame(readRecord(settings({ codec: odd }), encoded({}), now), { unreadable: 'its deadline has passed', isOver: true })
})

const schema = Type.Object({ count: Type.Number() })

t.test('values that the schema refuses are no session, and those that it does not know are carried', async (t) => {
  t.strictSame(readRecord(settings({ schema }), encoded({ count: '1' }), now), { unreadable: 'the schema refuses its values' })
  const values = { count: 1, older: true, __rememberMe: true }
  t.strictSame(readRecord(settings({ schema }), encoded(values), now), { deadline: DEADLINE, values })
})

t.test('a refinement that throws on a stored value refuses it, and upgrade may mend that', async (t) => {
  const tags = Type.Refine(Type.Unknown(), (value) => (value as string[]).includes('new'))
  const refined = Type.Object({ tags })
  t.strictSame(readRecord(settings({ schema: refined }), encoded({ tags: 7 }), now), { unreadable: 'the schema refuses its values' })
  const upgrade = () => ({ tags: ['new'] })
  t.strictSame(readRecord(settings({ schema: refined, upgrade }), encoded({ tags: 7 }), now), {
    deadline: DEADLINE,
    values: { tags: ['new'] },
  })
})

t.test('upgrade mends what the schema refuses; the reserved keys are not its business', async (t) => {
  const given: unknown[] = []
  const upgrade = (values: Record<string, unknown>) => {
    given.push(structuredClone(values))
    values['count'] = Number(values['count'])
    return { ...values, __rememberMe: 'changed', gone: undefined }
  }
  const stored = encoded({ count: '7', older: [1], __rememberMe: true })
  t.strictSame(readRecord(settings({ schema, upgrade }), stored, now), {
    deadline: DEADLINE,
    values: { __rememberMe: true, count: 7, older: [1] },
  })
  t.strictSame(given, [{ count: '7', older: [1] }])
  readRecord(settings({ schema, upgrade }), encoded({ count: 7 }), now)
  t.equal(given.length, 1, 'it is not asked when all fits')
})

type Upgrade = NonNullable<ManagerOptions['upgrade']>
const upgradedBy = (upgrade: unknown) => readRecord(settings({ schema, upgrade: upgrade as Upgrade }), encoded({ count: '1' }), now)

t.test('where the schema refuses what upgrade returned there is no session, and the reason says so and where', async (t) => {
  t.strictSame(
    upgradedBy((values: object) => values),
    { unreadable: 'upgrade gave values that the schema refuses at count' },
  )
  t.strictSame(
    upgradedBy(() => ({ count: 'geheim' })),
    { unreadable: 'upgrade gave values that the schema refuses at count' },
  )
  t.strictSame(
    upgradedBy(() => ({})),
    { deadline: DEADLINE, values: {} },
    'none at all is a session that was given up',
  )
  t.strictSame(
    upgradedBy(() => Object.assign(Object.create(null), { count: 1 })),
    { deadline: DEADLINE, values: { count: 1 } },
  )
})

t.test(
  'an upgrade that fails by a fault of the application throws FST_ERR_SCS_UPGRADE with its cause: the record is to be left alone',
  async (t) => {
    const cause = new TypeError("Cannot read properties of undefined (reading 'x')")
    const no = () => {
      throw cause
    }
    const table: readonly (readonly [upgrade: (values: Record<string, unknown>) => unknown, what: string, cause?: unknown])[] = [
      [no, 'threw', cause],
      [() => new Proxy({}, { ownKeys: no }), 'threw', cause],
      [(values) => void Object.assign(values, { count: 1 }), 'returned nothing'],
      [async (values) => ({ ...values, count: 1 }), 'returned a promise, and it must return the values at once'],
      [() => Promise.reject(cause), 'returned a promise, and it must return the values at once'],
      ...[null, 7, 'text', [1], new Date(0), new Map(), () => ({})].map(
        (made) => [() => made, 'returned something other than a plain object of values'] as const,
      ),
      [() => ({ count: 1, bad: () => 1 }), 'returned what a session cannot keep', { code: 'FST_ERR_SCS_VALUE' }],
      [() => ({ count: Number.NaN }), 'returned what a session cannot keep', { code: 'FST_ERR_SCS_VALUE' }],
    ]
    for (const [upgrade, what, because] of table) {
      const message = `The option upgrade ${what}, so the stored session cannot be used. It is kept until upgrade is fixed.`
      t.throws(
        () => upgradedBy(upgrade),
        { code: 'FST_ERR_SCS_UPGRADE', statusCode: 500, message, ...(because ? { cause: because } : {}) },
        what,
      )
    }
    await new Promise(setImmediate)
  },
)

t.test('a record has the bytes, the expiry and the owner', async (t) => {
  const values = { userId: 7, a: 1 }
  t.strictSame(makeRecord(settings({ owner: 'userId' }), { deadline: DEADLINE, values }, now + 5), {
    data: encoded(values),
    expiresAt: now + 5,
    owner: '7',
  })
  t.equal(makeRecord(settings(), { deadline: DEADLINE, values }, now + 5).owner, undefined)
})

t.test('a session larger than maxBytes is refused, with the figures', async (t) => {
  const values = { a: 'ä'.repeat(100) }
  const size = encoded(values).byteLength
  t.doesNotThrow(() => makeRecord(settings({ maxBytes: size }), { deadline: DEADLINE, values }, now))
  t.throws(() => makeRecord(settings({ maxBytes: size - 1 }), { deadline: DEADLINE, values }, now), {
    code: 'FST_ERR_SCS_TOO_LARGE',
    message: `The session has ${size} bytes and may have ${size - 1}.`,
  })
})

t.test('7, 7n and ’7’ are one owner, and what is no name is none', async (t) => {
  for (const value of [7, 7n, '7']) t.equal(ownerText(value), '7')
  for (const value of [undefined, null, true, {}, [7], new Date(0), Symbol('7')]) t.equal(ownerText(value), undefined)
  t.equal(ownerOf(settings({ owner: 'userId' }), { userId: 'u1' }), 'u1')
  t.equal(ownerOf(settings({ owner: 'userId' }), {}), undefined)
  t.equal(ownerOf(settings({ owner: 'constructor' }), {}), undefined, 'nothing is inherited')
  t.equal(ownerOf(settings(), { userId: 'u1' }), undefined)
  t.equal(ownerOf(settings(), { undefined: 'u1' }), undefined)
})
