import { setImmediate as nextTurn } from 'node:timers/promises'
import { MemoryStore, SessionManager } from '../../dist/index.js'
import { keyOf, LAST_END, NOW, PlainMap, recordOf } from './data.mjs'
import { Watch } from './watch.mjs'

/** Calls between two turns of the event loop. */
const AT_ONCE = 100
const log = Object.fromEntries(['trace', 'debug', 'info', 'warn', 'error', 'fatal'].map((level) => [level, () => {}]))

/** Cleaned soon; the batches of the clean-up are watched, and the end of it told. */
class WatchedStore extends MemoryStore {
  cleanupInterval = 20
  #watch
  #removed = 0
  #done

  watchCleanUp(watch) {
    this.#watch = watch
    return new Promise((resolve) => {
      this.#done = resolve
    })
  }

  deleteExpired(limit) {
    if (this.#watch === undefined) return super.deleteExpired(limit)
    const removed = this.#watch.call(() => super.deleteExpired(limit))
    this.#removed += removed
    if (removed < limit) this.#done(this.#removed)
    return removed
  }
}

async function add(store, from, to, owned) {
  const watch = new Watch()
  for (let first = from; first < to; first += AT_ONCE) {
    const entries = Array.from({ length: Math.min(AT_ONCE, to - first) }, (_, i) => [keyOf(first + i), recordOf(first + i, owned)])
    for (const [key, record] of entries) watch.call(() => store.create(key, record))
    await nextTurn()
  }
  return watch.end()
}

/** The manager's own clean-up, until nothing is left; a timer ticks meanwhile, as the event loop's delay is measured by one. */
async function expire(store, size) {
  const watch = new Watch()
  const done = store.watchCleanUp(watch)
  const start = performance.now()
  const manager = new SessionManager({ store, log })
  // The clean-up's own timer keeps no process alive.
  const alive = setInterval(() => {}, 1000)
  const removed = await done
  const seconds = (performance.now() - start) / 1000
  clearInterval(alive)
  await manager.close()
  if (removed !== size) throw new Error(`${removed} sessions were removed of ${size}`)
  return { ...(await watch.end()), seconds }
}

async function msOf(work) {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/**
 * A store's whole life: made, filled, overfull, and all of it expired; a record for each phase. Filled, a manager is closed with it, which the
 * store survives. Of a plain Map, what the same data cost the collector.
 */
export async function life({ kind, size, owned = false, apart }) {
  const phase = async (name, watched) => ({ kind, size, owned, apart, phase: name, ...(await watched) })
  if (kind === 'Map') return [await phase('fill', add(new PlainMap(), 0, size, owned))]
  let now = NOW
  let store
  const startMs = await msOf(() => {
    store = new WatchedStore({ maxSessions: size, clock: () => now })
  })
  const filled = await phase('fill', add(store, 0, size, owned))
  const manager = new SessionManager({ store, log })
  const stopMs = await msOf(() => manager.close())
  const evicted = await phase('evict', add(store, size, size + Math.round(size * 0.3), owned))
  now = LAST_END
  return [{ ...filled, startMs, stopMs }, evicted, await phase('expire', expire(store, size))]
}
