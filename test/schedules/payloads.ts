import type { Values } from './operations.ts'

/** The values of a payload that the default codec wrote, without those of the library. */
export function valuesIn(data: Uint8Array): Values {
  const { values } = JSON.parse(Buffer.from(data).toString('utf8')) as { values: Values }
  return Object.fromEntries(Object.entries(values).filter(([key]) => !key.startsWith('__')))
}

/** Whether two sets of plain values are equal. */
export function same(a: Values, b: Values | undefined): boolean {
  if (b === undefined || Object.keys(a).length !== Object.keys(b).length) return false
  return Object.entries(a).every(([key, value]) => Object.hasOwn(b, key) && b[key] === value)
}

/** Values for whoever reads a complaint. */
export function show(values: Values): string {
  const parts = Object.entries(values).map(([key, value]) => `${key}=${value}`)
  return `{${parts.sort().join(' ')}}`
}
