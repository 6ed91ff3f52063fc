import type { SessionCodec } from '../../types/codec.ts'
import { GobCodec } from '../codecs/gob.ts'
import { JsonCodec } from '../data/codec.ts'
import { UsageError } from './errors.ts'

/** The codecs by the names that the options take. */
const CODECS: Readonly<Record<string, () => SessionCodec>> = { json: () => new JsonCodec(), gob: () => new GobCodec() }

/** Checks the name of a codec. Throws a UsageError. */
export function checkedCodec(name: string): string {
  if (Object.hasOwn(CODECS, name)) return name
  throw new UsageError(`a codec is ${Object.keys(CODECS).join(' or ')}`)
}

/** The codec of a name that was checked. */
export function codecNamed(name: string): SessionCodec {
  return (CODECS[name] as () => SessionCodec)()
}
