import { startArgumentTarget } from './argument-target.ts'
import { startCodecTarget } from './codec-target.ts'
import { startCookieTarget } from './cookie-target.ts'
import type { StartTarget } from './fuzz.ts'
import { startOptionTarget } from './option-target.ts'
import { startPayloadTarget } from './payload-target.ts'

/** All targets by name, for long runs. */
export const TARGETS: Readonly<Record<string, StartTarget>> = {
  arguments: startArgumentTarget,
  codec: startCodecTarget,
  cookies: startCookieTarget,
  options: startOptionTarget,
  payloads: () => startPayloadTarget(10_000_000),
}
