import type { SessionCodec } from '../../types/codec.ts'
import { JsonCodec } from '../data/codec.ts'
import { FailedError, UsageError } from './errors.ts'

const required = process.getBuiltinModule('node:module').createRequire(import.meta.url)

/** The codecs by the names that the options take. A codec is loaded when it is asked for: some are large. */
const CODECS: Readonly<Record<string, (load: (file: string) => object) => SessionCodec>> = {
  json: () => new JsonCodec(),
  gob: (load) => {
    const { GobCodec } = load('../codecs/gob.js') as { readonly GobCodec: new () => SessionCodec }
    return new GobCodec()
  },
}

/** Checks the name of a codec. Throws a UsageError. */
export function checkedCodec(name: string): string {
  if (Object.hasOwn(CODECS, name)) return name
  throw new UsageError(`a codec is ${Object.keys(CODECS).join(' or ')}`)
}

/** The codec of a name. Throws a FailedError where this release does not have it. */
export function codecNamed(name: string, load: (file: string) => object = required): SessionCodec {
  try {
    return CODECS[name]?.(load) as SessionCodec
  } catch (cause) {
    throw new FailedError(`the codec ${name} is not part of this release of fastify-scs`, { cause })
  }
}
