/** Arrays in arrays, so many deep. */
export function nested(depth: number, innermost: unknown = []): unknown {
  let value = innermost
  for (let i = 1; i < depth; i++) value = [value]
  return value
}
