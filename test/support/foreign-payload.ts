import { JsonCodec } from '../../index.ts'

const START = '{"deadline":'
const codec = new JsonCodec()

/** Whether another codec must have written it: it does not decode, and does not begin as all that JsonCodec writes, with a number. */
export function isForeign(payload: Uint8Array): boolean {
  const start = Buffer.from(payload).toString('latin1', 0, START.length + 1)
  if (START.startsWith(start) || /^\{"deadline":[-0-9]/.test(start)) return false
  try {
    codec.decode(payload)
    return false
  } catch {
    return true
  }
}
