import { Type } from 'typebox'
import { JsonCodec, type ScsOptions } from '../../index.ts'
import { FuzzSite } from './site.ts'

type Values = Readonly<Record<string, unknown>>

/** A site, and what it makes of a stored session: undefined when it must not take it. */
export interface PayloadSite {
  readonly site: FuzzSite
  /** Whether a request that does not ask needs the payload all the same: to learn whose session it is. */
  readonly curious: boolean
  read(data: Uint8Array): Values | undefined
}

const END_OF_9999 = Date.UTC(9999, 11, 31, 23, 59, 59)

const codec = new JsonCodec()

const SITES: readonly (readonly [options: ScsOptions, mend: (values: Values) => Values | undefined])[] = [
  [{}, (values) => values],
  [
    { schema: Type.Object({ user: Type.String(), n: Type.Number() }), upgrade: (values) => ({ ...values, user: text(values['user']) }) },
    (values) => mended(values),
  ],
  [{ owner: 'user', idleTimeout: '20m' }, (values) => values],
]

export async function startPayloadSites(): Promise<PayloadSite[]> {
  return await Promise.all(SITES.map(async ([options, mend]) => forSite(await FuzzSite.start(options), options.owner !== undefined, mend)))
}

function forSite(site: FuzzSite, curious: boolean, mend: (values: Values) => Values | undefined): PayloadSite {
  const read = (data: Uint8Array) => {
    try {
      const { deadline, values } = codec.decode(data)
      return deadline > site.clock() && deadline < END_OF_9999 ? mend(values) : undefined
    } catch {
      return undefined
    }
  }
  return { site, curious, read }
}

/** An object from outside may have a `toString` that is none. */
const text = (value: unknown) => (typeof value === 'object' ? '' : String(value))

/** What the schema and the upgrade of the second site come to. */
function mended(values: Values): Values | undefined {
  const fits = (key: string, type: string) => !Object.hasOwn(values, key) || typeof values[key] === type
  if (fits('user', 'string') && fits('n', 'number')) return values
  return fits('n', 'number') ? { ...values, user: text(values['user']) } : undefined
}
