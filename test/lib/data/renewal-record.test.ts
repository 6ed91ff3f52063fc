import t from 'tap'
import { JsonCodec } from '../../../lib/data/codec.ts'
import { hasVisible, readRecord } from '../../../lib/data/record.ts'
import { makeRenewalRecord, readRenewalRecord } from '../../../lib/data/renewal-record.ts'
import { settle } from '../../../lib/settings.ts'
import { hashToken, newToken, renewalKey } from '../../../lib/token.ts'
import { fakeClock } from '../../support/clock.ts'
import { SpyStore } from '../../support/spy-store.ts'

const now = fakeClock()()
const settings = settle({ store: new SpyStore() })
const codec = new JsonCodec()

t.test('a trace lies under a key derived from the old one, for a minute, and names the new one', async (t) => {
  const [oldKey, newKey] = [hashToken(newToken()), hashToken(newToken())]
  const { key, record } = makeRenewalRecord(settings, oldKey, newKey, now)
  t.equal(key, renewalKey(oldKey))
  t.equal(record.expiresAt, now + 60_000)
  t.equal(record.owner, undefined)
  t.equal(readRenewalRecord(settings, record.data), newKey)
})

t.test('the payload of a trace is a valid session without a value of the application', async (t) => {
  const { record } = makeRenewalRecord(settings, 'old', 'new', now)
  const content = readRecord(settings, record.data, now)
  if ('unreadable' in content) throw new Error(content.unreadable)
  t.equal(content.deadline, now + 60_000)
  t.notOk(hasVisible(content.values))
})

t.test('bytes that are no trace name no key', async (t) => {
  const no = [
    Buffer.from(''),
    Buffer.from('{}'),
    codec.encode(now, {}),
    codec.encode(now, { userId: 'x' }),
    codec.encode(now, { __renewedTo: 7 }),
  ]
  for (const data of no) t.equal(readRenewalRecord(settings, data), undefined, Buffer.from(data).toString())
  t.equal(readRenewalRecord(settings, codec.encode(now, Object.create({ __renewedTo: 'inherited' }))), undefined)
})
