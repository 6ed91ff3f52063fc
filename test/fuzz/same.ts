/** Whether two values are the same to whoever reads a session: undefined in an object counts as absent, a Buffer as bytes. */
export function same(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return Object.is(a, b)
  if (Array.isArray(a)) return Array.isArray(b) && sameList(a, b)
  if (a instanceof Date) return b instanceof Date && a.getTime() === b.getTime()
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0
  if (a instanceof Map) return b instanceof Map && sameList([...a].flat(), [...b].flat())
  if (a instanceof Set) return b instanceof Set && sameList([...a], [...b])
  return sameKeys(a, b)
}

function sameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((part, i) => same(part, b[i]))
}

function sameKeys(a: object, b: object): boolean {
  if (Array.isArray(b) || ![null, Object.prototype].includes(Object.getPrototypeOf(b))) return false
  const of = (value: object) => Object.entries(value).filter(([, part]) => part !== undefined)
  const mine = of(a)
  return mine.length === of(b).length && mine.every(([key, part]) => Object.hasOwn(b, key) && same(part, own(b, key)))
}

/** The value under a key of its own, `__proto__` too. */
const own = (value: object, key: string): unknown => Object.getOwnPropertyDescriptor(value, key)?.value
