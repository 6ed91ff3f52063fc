import { JsonCodec } from '../../index.ts'

const START = '{"deadline":'
const codec = new JsonCodec()

/** Whether another codec must have written it: it does not decode, and does not begin as all that JsonCodec writes. */
export function isForeign(payload: Uint8Array): boolean {
  if (START.startsWith(Buffer.from(payload.subarray(0, START.length)).toString('latin1'))) return false
  try {
    codec.decode(payload)
    return false
  } catch {
    return true
  }
}
