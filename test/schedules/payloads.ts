import type { Values } from './operations.ts'

/** The values of a payload that the default codec wrote, without those of the library. */
export function valuesIn(data: Uint8Array): Values {
  const { values } = JSON.parse(Buffer.from(data).toString('utf8')) as { values: Values }
  return Object.fromEntries(Object.entries(values).filter(([key]) => !key.startsWith('__')))
}
