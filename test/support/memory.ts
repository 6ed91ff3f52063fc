import { MemoryStore } from '../../stores/memory.ts'
import { fakeClock } from './clock.ts'
import { keysOf } from './records.ts'

const HOUR = 3_600_000

export const start = Date.UTC(2030, 0, 1)
export const later = start + HOUR

export function storeOf(maxSessions: number) {
  const clock = fakeClock(start)
  const store = new MemoryStore({ clock, maxSessions })
  const warnings: object[] = []
  store.attach({ log: { warn: (fields) => void warnings.push(fields) } })
  return { store, clock, warnings, living: () => keysOf(store.all()) }
}
