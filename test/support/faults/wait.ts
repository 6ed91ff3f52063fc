import { setTimeout as sleep } from 'node:timers/promises'

/** So long something is looked for at most: many times what it takes on a slow machine. */
const LONGEST = 120_000

/** What `look` gives once it gives something. */
export async function eventually<T>(look: () => Promise<T>): Promise<T | undefined> {
  for (const end = Date.now() + LONGEST; Date.now() < end; await sleep(50)) {
    const found = await look().catch(() => undefined)
    if (found !== undefined) return found
  }
  return undefined
}
