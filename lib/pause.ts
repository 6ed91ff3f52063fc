import { setTimeout as delay } from 'node:timers/promises'
import type { Answer } from '../types/store.ts'

/** From the third try on, requests that meet at one session step out of each other's way. */
export function pause(tries: number): Answer<unknown> {
  return tries < 2 ? undefined : delay(Math.random() * Math.min(2 ** tries, 50))
}
