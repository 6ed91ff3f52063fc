import type { SessionCodec } from '../../types/codec.ts'
import { EncryptedCodec } from '../codecs/encrypted.ts'
import { GobCodec } from '../codecs/gob.ts'
import { JsonCodec } from '../data/codec.ts'
import { UsageError } from './errors.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The codecs by the names that the options take. */
const CODECS: Readonly<Record<string, (env: Environment) => SessionCodec>> = {
  json: () => new JsonCodec(),
  gob: () => new GobCodec(),
  encrypted: (env) => encrypted(env, new JsonCodec()),
  'encrypted-gob': (env) => encrypted(env, new GobCodec()),
}

/** With keys from the environment: those on a command line can be read by everybody who may list processes. */
function encrypted({ SCS_KEYS = '' }: Environment, codec: SessionCodec): SessionCodec {
  try {
    return new EncryptedCodec({ keys: SCS_KEYS.split(/[\s,]+/).filter((key) => key !== ''), codec, readsPlain: true })
  } catch {
    throw new UsageError(
      'an encrypted codec needs its keys in the environment variable SCS_KEYS: 32 bytes each in base64, all different, commas between',
    )
  }
}

const NAMES = Object.keys(CODECS)

/** Checks the name of a codec. Throws a UsageError. */
export function checkedCodec(name: string): string {
  if (NAMES.includes(name)) return name
  throw new UsageError(`a codec is ${NAMES.slice(0, -1).join(', ')} or ${NAMES.at(-1)}`)
}

/** The codec of a name that was checked. Throws a UsageError for keys that are missing or wrong. */
export function codecNamed(name: string, env: Environment): SessionCodec {
  return (CODECS[name] as (env: Environment) => SessionCodec)(env)
}
