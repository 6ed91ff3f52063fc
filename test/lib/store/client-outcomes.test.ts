import t from 'tap'
import { StoreClient } from '../../../lib/store/client.ts'
import type { SessionStore } from '../../../types/store.ts'
import type { Fault } from '../../support/spy-store.ts'
import { before, CALLS, failureOf, NEW, OLD, type Stage, WANT, WRITES } from './calls.ts'

t.test('a write whose outcome is unknown is decided by one look', async (t) => {
  const driver = { code: 'FST_ERR_SCS_STORE', cause: { message: /driver:/ } }
  const table: readonly (readonly [verb: (typeof WRITES)[number], fault: Fault, outcome: unknown])[] = [
    ['create', 'before', driver],
    ['create', 'after', true],
    ['update', 'before', driver],
    ['update', 'after', true],
    ['rename', 'before', driver],
    ['rename', 'after', true],
    ['delete', 'before', driver],
    ['delete', 'after', false],
  ]
  for (const [verb, fault, outcome] of table) {
    const set = before()
    set.store.fail(verb, fault)
    const call = () => CALLS[verb]?.[0](set)
    if (typeof outcome === 'boolean') t.equal(await call(), outcome, `${verb} ${fault}`)
    else t.match(await failureOf(call), outcome, `${verb} ${fault}`)
    t.strictSame(set.store.calls, [
      `${verb} key`.replace('create key', 'create fresh'),
      verb === 'update' || verb === 'delete' ? 'find key' : 'find fresh',
    ])
  }
})

t.test(
  'after a deletion that failed, other bytes mean that the record is gone, and with none given any record is there still',
  async (t) => {
    const set = before()
    set.store.fail('delete', 'before', 'before')
    t.equal(await set.client.delete('key', NEW, set.until), false)
    t.match(await failureOf(() => set.client.delete('key', undefined, set.until)), { code: 'FST_ERR_SCS_STORE' })
  },
)

t.test('a write that a store at once fails is looked after at once', async (t) => {
  const { clock, store, until, record } = before('sync')
  const failing: SessionStore = Object.assign(Object.create(store), {
    update: () => {
      store.inner.update('key', OLD, record)
      throw new Error('driver')
    },
    find: (key: string) => store.inner.find(key, WANT),
  })
  t.equal(new StoreClient(failing, clock).update('key', OLD, record, until), true)
})

t.test('the look asks for the bytes alone, after a touch for the expiry too', async (t) => {
  for (const [verb, expiry] of [
    ['update', false],
    ['delete', false],
    ['touch', true],
  ] as const) {
    const set = before()
    const find = set.store.inner.find.bind(set.store.inner)
    const wants: unknown[] = []
    set.store.inner.find = (key, want) => {
      wants.push(want)
      return find(key, want)
    }
    set.store.fail(verb, 'after')
    await CALLS[verb]?.[0](set)
    t.strictSame(wants, [{ expiry, owner: false }], verb)
  }
})

t.test('when the look fails too, the error of the write stands', async (t) => {
  for (const verb of WRITES) {
    for (const look of ['before', 'hang'] as const) {
      const set = before()
      set.store.fail(verb, 'after')
      set.store.fail('find', look)
      t.match(
        await failureOf(() => CALLS[verb]?.[0](set)),
        { code: 'FST_ERR_SCS_STORE', cause: { message: /connection lost/ } },
        `${verb}, ${look}`,
      )
    }
  }
})

t.test('nothing is looked up when the budget is over', async (t) => {
  for (const verb of WRITES) {
    const set = before()
    set.store.fail(verb, 'after')
    set.store.gate = () => {
      set.clock.advance(20)
      return undefined
    }
    t.match(await failureOf(() => CALLS[verb]?.[0](set)), { code: 'FST_ERR_SCS_STORE' })
    t.strictSame(set.store.take(), [verb])
  }
})

t.test('a touch that fails with its outcome unknown is settled by one look as well', async (t) => {
  const set = before()
  set.store.fail('touch', 'after', 'before')
  t.equal(await CALLS['touch']?.[0](set), true)
  t.strictSame(set.store.take(), ['touch', 'find'])
})

t.test(
  'a touch that did nothing, or whose record is gone, has other bytes or does not say until when, is no success: its error stands',
  async (t) => {
    const driver = { code: 'FST_ERR_SCS_STORE', cause: { message: /driver:/ } }
    const meanwhile: Readonly<Record<string, (stage: Stage) => unknown>> = {
      nothing: () => undefined,
      gone: ({ store }) => store.inner.delete('key'),
      'expiry not told': ({ store }) => Object.assign(store.inner, { find: () => ({ data: OLD }) }),
      'other bytes': ({ store, expiresAt }) => store.inner.update('key', OLD, { data: NEW, expiresAt: expiresAt + 1 }),
    }
    for (const [what, happens] of Object.entries(meanwhile)) {
      const set = before()
      set.store.fail('touch', 'before')
      await happens(set)
      t.match(await failureOf(() => CALLS['touch']?.[0](set)), driver, what)
      t.strictSame(set.store.take(), ['touch', 'find'], what)
    }
  },
)

t.test('after a failure that the store knows to be one, nothing is looked up', async (t) => {
  for (const verb of [...WRITES, 'touch'] as const) {
    const set = before()
    const known = Object.assign(new Error('no replica has it'), { final: true })
    Object.assign(set.store, { [verb]: () => Promise.reject(known) })
    t.match(await failureOf(() => CALLS[verb]?.[0](set)), { code: 'FST_ERR_SCS_STORE', cause: known }, verb)
    t.strictSame(set.store.take(), [], verb)
  }
})
