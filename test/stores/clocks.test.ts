import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { LmdbStore } from '../../stores/lmdb.ts'
import type { SessionStore } from '../../types/store.ts'
import { cookieOf } from '../support/app.ts'
import { databases, startDatabase } from '../support/faults/databases.ts'
import { startFaultSite } from '../support/faults/site.ts'
import { eventually } from '../support/faults/wait.ts'
import { LIMIT } from '../support/limit.ts'

t.setTimeout(LIMIT)

const MINUTE = 60_000
const SKEW = 5 * MINUTE

const stores: Record<string, (t: Test) => Promise<SessionStore>> = {
  LMDB: async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'scs-clock-'))
    const store = new LmdbStore(folder)
    t.teardown(async () => {
      await store.close()
      rmSync(folder, { recursive: true })
    })
    return store
  },
}
for (const database of databases) stores[database.name] = async (t) => database.connect(t, (await startDatabase(t, database)).port)

for (const [name, open] of Object.entries(stores)) {
  t.test(`${name}: a node whose clock is five minutes ahead or behind shares sessions with one whose clock is right`, async (t) => {
    const store = await open(t)
    const right = await startFaultSite(t, store, { idleTimeout: '20m' })
    for (const skew of [SKEW, -SKEW]) {
      const wrong = await startFaultSite(t, store, { idleTimeout: '20m', touchInterval: '1m', clock: () => Date.now() + skew })
      for (const [first, second] of [
        [wrong, right],
        [right, wrong],
      ] as const) {
        const token = await first.login('ada')
        for (const site of [second, first, second]) {
          t.equal((await site.send('POST', '/count', token)).statusCode, 200)
          t.equal((await site.send('GET', '/read', token)).json().user, 'ada')
        }
        const renewed = cookieOf(await second.send('POST', '/renew', token))
        t.equal((await first.send('GET', '/read', renewed)).json().count, 3)
        t.equal((await first.send('GET', '/read', token)).json().user, undefined)
        for await (const { expiresAt } of right.app.sessions.ownedBy('ada')) {
          const left = expiresAt - Date.now()
          t.ok(
            left > 10 * MINUTE && left < 26 * MINUTE,
            `it has ${Math.round(left / MINUTE)} minutes to live: the timeout, give or take the difference`,
          )
        }
        t.equal((await second.send('POST', '/logout', renewed)).statusCode, 200)
        t.equal(await right.app.sessions.count(), 0)
      }
    }
  })

  t.test(`${name}: what a wrong clock wrote ends by the right one`, async (t) => {
    const store = await open(t)
    const clock = () => Date.now() - SKEW
    const [long, short] = [
      await startFaultSite(t, store, { lifetime: SKEW + 60 * MINUTE, clock }),
      await startFaultSite(t, store, { lifetime: SKEW + 700, clock }),
    ]
    const tokens = [await long.login('ada'), await short.login('bob')]
    const isGone = async () => ('user' in (await short.send('GET', '/read', tokens[1])).json() ? undefined : true)
    t.equal(await eventually(isGone), true, 'minutes before the clock that wrote it says so')
    t.equal((await long.send('GET', '/read', tokens[0])).json().user, 'ada')
    t.equal(await long.app.sessions.count(), 1)
  })
}
