import fc from 'fast-check'
import t from 'tap'
import { RenewalLog } from '../../../stores/shared/renewal-log.ts'
import type { StoreRecord } from '../../../types/store.ts'
import { LIMIT } from '../../support/limit.ts'
import { bytes } from '../../support/records.ts'

t.setTimeout(LIMIT)

interface Plain {
  readonly key: string
  readonly text: string
  readonly expiresAt: number
}

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
    if (record.expiresAt < (this.latest ?? record.expiresAt)) return false
    if (this.records.length === this.limit) this.records.shift()
    this.records.push(record)
    this.latest = record.expiresAt
    return true
  }

  /** Of all that were added since the list was empty. */
  latest: number | undefined

  delete(key: string): void {
    this.records = this.records.filter((record) => record.key !== key)
  }

  deleteExpired(limit: number, now: number): number {
    const before = this.records.length
    while (before - this.records.length < limit && (this.records[0]?.expiresAt ?? now + 1) <= now) this.records.shift()
    if (this.records.length === 0) this.latest = undefined
    return before - this.records.length
  }
}

const keyOf = (n: number) => `;key-${n}`.padEnd(1 + (n % 43), 'x')
const at = (expiresAt: number, text = String(expiresAt)): StoreRecord => ({ data: bytes(text), expiresAt })
const plain = (record: StoreRecord | undefined) => record && { text: String(record.data), expiresAt: record.expiresAt }

const step = fc.record({
  what: fc.constantFrom('add', 'add', 'add', 'take', 'clean'),
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
      } else if (what === 'take') {
        if (plain(log.take(key))?.text !== known?.text) throw new Error('another one was taken')
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
  t.equal(String(log.take(`;${count - 1}`)?.data), `data ${count - 1}`)
  t.equal(
    log.deleteExpired(Number.POSITIVE_INFINITY, () => count),
    9,
  )
})

t.test('what it cannot hold is refused', async (t) => {
  const log = new RenewalLog(10)
  const refused = (record: StoreRecord, key = ';') => t.equal(log.add({ key, record }), false, JSON.stringify(record).slice(0, 80))
  refused({ ...at(1), owner: 'ada' })
  refused(at(1, 'x'.repeat(190)))
  refused(at(Number.NaN))
  refused(at(Number.NEGATIVE_INFINITY))
  t.equal(log.add({ key: ';', record: at(5, 'x'.repeat(189)) }), true, '192 bytes with its key')
  t.equal(String(log.find(';')?.data), 'x'.repeat(189))
  refused(at(4), ';4')
  t.equal(log.add({ key: ';5', record: at(5) }), true)
  t.equal(log.add({ key: ';late', record: at(Number.POSITIVE_INFINITY) }), true)
  refused(at(6), ';6')
  t.equal(
    log.deleteExpired(10, () => 5),
    2,
  )
  t.equal(log.take(';late')?.expiresAt, Number.POSITIVE_INFINITY)
  t.equal(
    log.deleteExpired(10, () => 5),
    0,
  )
  t.equal(log.add({ key: ';6', record: at(6) }), true, 'an empty log begins anew')
})

t.test('its records are copies', async (t) => {
  const log = new RenewalLog(10)
  const data = bytes('mine')
  log.add({ key: ';', record: { data, expiresAt: 1 } })
  data.fill(0)
  log.find(';')?.data.fill(0)
  t.equal(String(log.find(';')?.data), 'mine')
})
