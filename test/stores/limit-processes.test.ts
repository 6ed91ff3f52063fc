import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { SessionManager } from '../../index.ts'
import { type CliStore, startCliStores } from '../support/cli-stores.ts'
import { LIMIT } from '../support/limit.ts'
import { localProcess } from '../support/local.ts'

t.setTimeout(LIMIT)

const makeStores = await startCliStores(t)

const PROCESSES = 4
const LOGINS = 5

/** Logs one user in from several processes at once, and returns how the replies look. */
async function logins(t: Test, { url, options }: CliStore, limit: object): Promise<string[]> {
  const [option, value] = options[0] ?? ['', '']
  const args = [url, option, value, JSON.stringify(limit), String(LOGINS)]
  const children = Array.from({ length: PROCESSES }, () => localProcess(t, 'local-logins', args))
  await Promise.all(children.map((child) => once(child, 'message')))
  for (const child of children) child.send('go')
  const outputs = await Promise.all(children.map(({ stdout }) => (stdout === null ? '[]' : text(stdout))))
  return outputs.flatMap((output) => JSON.parse(output) as string[]).sort()
}

t.test('of logins at once from four processes exactly as many sessions live as the limit says, on every store', async (t) => {
  for (const then of ['end-oldest', 'refuse'] as const) {
    for (const store of await makeStores()) {
      const limit = { perOwner: 3, then }
      const replies = await logins(t, store, limit)
      const [all, saved] = [PROCESSES * LOGINS, then === 'refuse' ? 3 : PROCESSES * LOGINS]
      t.same(replies, [...Array(saved).fill('200 with a cookie'), ...Array(all - saved).fill('409')], `${store.name}, ${then}`)
      await store.use(async (open) => {
        const manager = new SessionManager({ store: open, owner: 'user' })
        const owned: unknown[] = []
        for await (const { owner } of manager.ownedBy('ann')) owned.push(owner)
        t.same(owned, ['ann', 'ann', 'ann'], `${store.name}, ${then}`)
        t.equal(await manager.count(), 3, `${store.name}, ${then}: no row is left of the others`)
      })
    }
  }
})
