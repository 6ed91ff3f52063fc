// Removes expired rows among living ones, in batches of 1,000, while sessions are read: how long batches and reads take, with the clean-up and
// without it.
import { setTimeout as sleep } from 'node:timers/promises'
import { clients, fillTable, LARGE, madeKey, onServer } from '../../test/support/databases.mjs'
import { shape, startReads } from '../runner.mjs'

const [EXPIRED, LIVING, READERS, CALM_MS, BATCH] = [1_000_000, 100_000, 8, 10_000, 1000]

async function clean(store) {
  const took = []
  for (let removed = BATCH; removed === BATCH; ) {
    const start = performance.now()
    removed = await store.deleteExpired(BATCH)
    took.push(performance.now() - start)
  }
  return took
}

const row = (name, what, took) => ({ name, what, ...shape(took), over100: took.filter((time) => time > 100).length })

async function measureServer(name, share) {
  const [expired, living, calmMs] = [EXPIRED, LIVING, CALM_MS].map((number) => Math.ceil(number * share))
  return onServer(name, LARGE[name], async ({ port, connect }) => {
    const client = clients[name](port)
    const rows = { table: 'sessions', owners: 50_000 }
    await fillTable(name, client, { ...rows, prefix: 'living', count: living, from: 1, days: 1 })
    await fillTable(name, client, { ...rows, prefix: 'expired', count: expired, from: -1.001, days: 1 })
    await client.end()
    const store = await connect(READERS + 2)
    const read = () => store.find(madeKey('living', Math.floor(Math.random() * living)), { expiry: true })
    const stopCalm = startReads(READERS, read)
    await sleep(calmMs)
    const calm = row(name, 'calm', await stopCalm())
    const stopBusy = startReads(READERS, read)
    const start = performance.now()
    const batches = row(name, 'batches', await clean(store))
    const seconds = (performance.now() - start) / 1000
    const busy = row(name, 'busy', await stopBusy())
    const left = await store.count()
    if (left !== living) throw new Error(`${left} living sessions are left of ${living}`)
    return [calm, busy, { ...batches, seconds }]
  })
}

export async function measure({ share }) {
  const results = []
  for (const name of Object.keys(LARGE)) results.push(...(await measureServer(name, share)))
  return { packages: ['fastify-scs'], tables: { results } }
}
