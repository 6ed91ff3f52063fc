/** How long a lock is waited for where the caller set no moment, in milliseconds. */
export const PATIENCE = 5000
const MAX_PAUSE = 16

/** How long to wait before a lock is tried again, in milliseconds: at random, for two that met once are not to meet again. */
export function pauseAfter(tries: number): number {
  return Math.random() * Math.min(MAX_PAUSE, 2 ** tries)
}
