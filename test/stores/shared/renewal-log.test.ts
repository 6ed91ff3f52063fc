import { randomBytes } from 'node:crypto'
import t from 'tap'
import { EncryptedCodec } from '../../../lib/codecs/encrypted.ts'
import { GobCodec } from '../../../lib/codecs/gob.ts'
import { JsonCodec } from '../../../lib/data/codec.ts'
import { makeRenewalRecord } from '../../../lib/data/renewal-record.ts'
import { SessionManager } from '../../../lib/manager.ts'
import { hashToken } from '../../../lib/token.ts'
import { MemoryStore } from '../../../stores/memory.ts'
import { RenewalLog } from '../../../stores/shared/renewal-log.ts'
import type { StoreRecord } from '../../../types/store.ts'
import { inChild } from '../../support/child.ts'
import { fc } from '../../support/fc.ts'
import { LIMIT } from '../../support/limit.ts'
import { start } from '../../support/memory.ts'
import { bytes } from '../../support/records.ts'

t.setTimeout(LIMIT)

interface Plain {
  readonly key: string
  readonly text: string
  readonly expiresAt: number
}

/** Bytes. All the parts that the test below fills have 26 million. */
const FEW = 2_000_000

/** The same as a list, the first one in front. */
class ModelOfLog {
  records: Plain[] = []
  readonly limit: number

  constructor(limit: number) {
    this.limit = limit
  }

  get(key: string): Plain | undefined {
    return this.records.find((record) => record.key === key)
  }

  add(record: Plain): boolean {
    if (this.records.length > 0 && record.expiresAt < this.latest) return false
    if (this.records.length === this.limit) this.records.shift()
    this.records.push(record)
    this.latest = record.expiresAt
    return true
  }

  /** Of all that were added since the list was empty. */
  latest = 0

  delete(key: string): void {
    this.records = this.records.filter((record) => record.key !== key)
  }

  deleteExpired(limit: number, now: number): number {
    const before = this.records.length
    while (before - this.records.length < limit && (this.records[0]?.expiresAt ?? now + 1) <= now) this.records.shift()
    return before - this.records.length
  }
}

const keyOf = (n: number) => `;key-${n}`.padEnd(1 + (n % 43), 'x')
const at = (expiresAt: number, text = String(expiresAt)): StoreRecord => ({ data: bytes(text), expiresAt })
const plain = (record: StoreRecord | undefined) => record && { text: String(record.data), expiresAt: record.expiresAt }

const step = fc.record({
  what: fc.constantFrom('add', 'add', 'add', 'remove', 'clean'),
  key: fc.nat(60).map(keyOf),
  at: fc.nat(20),
  many: fc.constantFrom(1, 100),
})

t.test('a renewal log holds what a list would hold', async (t) => {
  const property = fc.property(fc.integer({ min: 1, max: 30 }), fc.array(step, { maxLength: 200 }), (limit, steps) => {
    const [log, model] = [new RenewalLog(limit), new ModelOfLog(limit)]
    let now = 0
    for (const { what, key, at: ms, many } of steps) {
      const known = model.get(key)
      const { text = '', expiresAt = 0 } = known ?? {}
      if (JSON.stringify(plain(log.find(key))) !== JSON.stringify(known && { text, expiresAt })) throw new Error('another record')
      if (what === 'clean') {
        now += ms
        if (log.deleteExpired(many, () => now) !== model.deleteExpired(many, now)) throw new Error('another number')
      } else if (what === 'remove') {
        log.remove(key)
        model.delete(key)
      } else if (known === undefined) {
        const record = { key, text: 'x'.repeat(ms * 4), expiresAt: now + ms }
        const added = log.add({ key, record: at(record.expiresAt, record.text) })
        if (added !== model.add(record)) throw new Error('one of them refused')
      }
    }
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 2000 }))
})

t.test('of more records than its limit the last ones are there, through parts of every size', async (t) => {
  const limit = 150_000
  const log = new RenewalLog(limit)
  const count = 200_000
  for (let i = 0; i < count; i++) {
    if (!log.add({ key: `;${i}`, record: at(i, `data ${i}`) })) t.fail(`${i} was refused`)
  }
  const wrong = Array.from({ length: count }, (_, i) => i).filter(
    (i) => String(log.find(`;${i}`)?.data) !== (i < count - limit ? 'undefined' : `data ${i}`),
  )
  t.strictSame(wrong.slice(0, 3), [])
  t.equal(
    log.deleteExpired(10, () => count),
    10,
  )
  t.equal(
    log.deleteExpired(Number.POSITIVE_INFINITY, () => count - 11),
    limit - 20,
  )
  t.equal(log.find(`;${count - 11}`), undefined)
  log.remove(`;${count - 1}`)
  t.equal(log.find(`;${count - 1}`), undefined)
  t.equal(
    log.deleteExpired(Number.POSITIVE_INFINITY, () => count),
    9,
  )
})

t.test('what it cannot hold is refused', async (t) => {
  const log = new RenewalLog(10)
  const refused = (record: StoreRecord, key = ';') => t.equal(log.add({ key, record }), false, JSON.stringify(record).slice(0, 80))
  refused({ ...at(1), owner: 'ada' })
  refused(at(1, 'x'.repeat(256)))
  for (const moment of [Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]) refused(at(moment))
  t.equal(log.add({ key: ';', record: at(5, 'x'.repeat(255)) }), true, 'as many bytes as the number of them can say')
  t.equal(String(log.find(';')?.data), 'x'.repeat(255))
  refused(at(4), ';4')
  t.equal(log.add({ key: ';5', record: at(5) }), true)
  t.equal(
    log.deleteExpired(10, () => 5),
    2,
  )
  t.equal(log.add({ key: ';4', record: at(4) }), true, 'an empty log begins anew')
})

t.test('whatever the codec, the record of a renewal fits in', async (t) => {
  const keys = [randomBytes(32)]
  const secret = { encrypted: new EncryptedCodec({ keys }), 'encrypted gob': new EncryptedCodec({ keys, codec: new GobCodec() }) }
  const codecs = { json: new JsonCodec(), gob: new GobCodec(), ...secret }
  for (const [name, codec] of Object.entries(codecs)) {
    const { settings } = SessionManager.lifecycleOf(new SessionManager({ store: new MemoryStore(), codec }))
    const trace = makeRenewalRecord(settings, hashToken('old'), hashToken('new'), start)
    t.equal(new RenewalLog(10).add(trace), true, `${name}: ${trace.record.data.length} bytes`)
  }
})

t.test('records that were removed take no room for long, whatever stays in front of them', async (t) => {
  const held = await inChild(
    `
    const { setTimeout } = await import('node:timers/promises')
    const { RenewalLog } = await import('../../stores/shared/renewal-log.js')
    const log = new RenewalLog(10)
    const data = Buffer.from('x')
    log.add({ key: ';first', record: { data, expiresAt: 1 } })
    for (let i = 0; i < 100_000; i++) {
      log.add({ key: ';' + i, record: { data, expiresAt: 1 } })
      log.remove(';' + i)
    }
    // Another thread frees the buffers, some time after the collection.
    let held = Infinity
    for (let tries = 0; tries < 100 && held >= ${FEW}; tries++) {
      gc()
      await setTimeout(20)
      held = process.memoryUsage().arrayBuffers
    }
    // The log is looked at again, lest it is what was freed.
    console.log(held, log.find(';0'))
  `,
    ['--expose-gc'],
  )
  t.match(held, /^\d+ undefined$/m)
  t.ok(Number.parseInt(held, 10) < FEW, `100,000 that came and went left ${held.trim()} bytes`)
})

t.test('its records are copies', async (t) => {
  const log = new RenewalLog(10)
  const data = bytes('mine')
  log.add({ key: ';', record: { data, expiresAt: 1 } })
  data.fill(0)
  log.find(';')?.data.fill(0)
  t.equal(String(log.find(';')?.data), 'mine')
})
