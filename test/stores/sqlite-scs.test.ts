import t from 'tap'
import { SqliteStore } from '../../stores/sqlite.ts'
import { LIMIT } from '../support/limit.ts'
import { keysOf, record } from '../support/records.ts'
import { databaseAt, drivers, placeFor, SCS_TABLE, scs } from '../support/sqlite.ts'

t.setTimeout(LIMIT)

const later = Date.now() + 3_600_000
const EXPIRY = { expiry: true }
/** What SCS's GobCodec makes of `{"foo":"bar"}`: bytes of every kind, a zero among them. */
const PAYLOAD = Buffer.concat([Buffer.from('28ff82010f010000000edf07f925287735f2ffff0101', 'hex'), Buffer.from('foo\0string\x0c\x05')])

for (const driver of drivers) {
  for (const kind of ['that SCS made', 'that SCS made and migrate() completed', 'that the store made'] as const) {
    t.test(`${driver.name}: a table ${kind} is shared with SCS's sqlite3store, both ways`, async (t) => {
      const database = databaseAt(t, placeFor(t), driver)
      if (kind !== 'that the store made') database.exec(SCS_TABLE)
      const store = new SqliteStore(database)
      if (kind !== 'that SCS made') await store.migrate()
      const owner = kind === 'that SCS made' ? undefined : 'ada'
      const go = {
        find: (token: string) => (database.prepare(scs.find).get(token) as { data: Uint8Array } | undefined)?.data,
        commit: (token: string, data: Buffer, moment: number) => database.prepare(scs.commit).run(token, data, scs.time(moment)),
      }

      // Digits at the end that SCS leaves out: .100, .120 and none.
      for (const [index, moment] of [later, later - (later % 1000), later - (later % 1000) + 120].entries()) {
        go.commit(`go${index}`, PAYLOAD, moment)
        const found = await store.find(`go${index}`, EXPIRY)
        t.strictSame({ ...found, data: Buffer.from(found?.data ?? []) }, { data: PAYLOAD, expiresAt: moment })
        await store.create(`node${index}`, record('x', moment, owner))
        const expiry = `SELECT count(DISTINCT expiry) AS count FROM sessions WHERE token IN ('go${index}', 'node${index}')`
        t.equal((database.prepare(expiry).get() as { count: number }).count, 1, 'one moment is one number')
      }
      t.equal(String(Buffer.from(go.find('node0') ?? [])), 'x')

      go.commit('node0', Buffer.from('by Go'), later + 1)
      const committed = await store.find('node0', EXPIRY)
      t.strictSame(
        { ...committed, data: String(Buffer.from(committed?.data ?? [])) },
        { data: 'by Go', expiresAt: later + 1, ...(owner && { owner }) },
        'a commit of Go keeps the owner',
      )
      t.equal(await store.update('node0', Buffer.from('by Go'), record('by Node', later, owner)), true)
      t.equal(await store.rename('node0', 'renewed', Buffer.from('by Node'), record('renewed', later, owner)), true)
      t.equal(go.find('node0'), undefined)
      t.equal(String(Buffer.from(go.find('renewed') ?? [])), 'renewed')

      go.commit('renewed', Buffer.from('dead'), Date.now() - 1)
      t.equal(go.find('renewed'), undefined)
      t.equal(await store.find('renewed', EXPIRY), undefined)
      t.equal(await store.create('renewed', record('nobody', later)), true, 'over a dead row, whose owner is not inherited')
      t.strictSame({ ...(await store.find('renewed', EXPIRY)), data: '' }, { data: '', expiresAt: later })
      t.equal(await store.create('renewed', record('again', later)), false, 'and never over a living one')

      database.prepare(scs.delete).run('renewed')
      t.equal(await store.find('renewed', EXPIRY), undefined)
      database.exec(scs.cleanup)
      t.strictSame((database.prepare(scs.all).all() as { token: string }[]).map(({ token }) => token).sort(), await keysOf(store.all()))
    })
  }
}
