export type Value = number | string | string[]

/** Headers as Fastify's reply keeps them: names in any case, and Set-Cookie lines add up. */
export function headers(given: Record<string, Value> = {}) {
  const present = new Map(Object.entries(given))
  const calls: string[] = []
  return {
    present,
    calls,
    getHeader: (name: string) => present.get(name.toLowerCase()),
    header(name: string, value: string | string[]) {
      calls.push(name)
      const key = name.toLowerCase()
      const before = present.get(key)
      present.set(key, key === 'set-cookie' && before !== undefined ? [before, value].flat().map(String) : value)
    },
    removeHeader: (name: string) => present.delete(name.toLowerCase()),
  }
}
