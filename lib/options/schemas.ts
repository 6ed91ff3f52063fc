import type { KeySchemas, StandardSchema } from '../../types/schema.ts'

/** Whether it is an object whose every property is a Standard Schema: one of Zod, Valibot or ArkType. */
export function isKeySchemas(value: object): value is KeySchemas {
  const parts: unknown[] = Object.values(value)
  return parts.length > 0 && parts.every(isStandard)
}

/** Whether it is a Standard Schema: an object, or with ArkType a function, that validates under `~standard`. */
export function isStandard(value: unknown): value is StandardSchema {
  return typeof (Object(value) as Partial<StandardSchema>)['~standard']?.validate === 'function'
}

/** Whether the option `schema` can be it. */
export function isSchema(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { type, properties } = value as { type?: unknown; properties?: unknown }
  return isKeySchemas(value) || (type === 'object' && typeof properties === 'object' && properties !== null)
}
