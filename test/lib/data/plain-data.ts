/** The value of a payload, as the default codec decodes plain data. */
export const parsed = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

export const CART = [
  { sku: 'a', count: 1, tags: ['x', 'y'] },
  { sku: 'b', count: 0, tags: [], gift: null, wrapped: true },
]

export function nested(depth: number): unknown {
  let value: unknown = []
  for (let i = 1; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value }
  return value
}
