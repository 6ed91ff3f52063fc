import { setTimeout as sleep } from 'node:timers/promises'

/** What `look` gives once it gives something. */
export async function eventually<T>(look: () => Promise<T>): Promise<T | undefined> {
  for (let tries = 0; tries < 100; tries++) {
    const found = await look().catch(() => undefined)
    if (found !== undefined) return found
    await sleep(50)
  }
  return undefined
}
