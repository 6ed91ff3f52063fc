/** A secret for the libraries that sign. */
export const SECRET = 'a secret of the benchmark, long enough for everybody'

/** What each session holds, and the one of its keys that is read. */
export const VALUES = { userId: 'u-1042', name: 'Ada Lovelace', roles: ['user', 'editor'], theme: 'dark', visits: 1_000_000 }
export const READ = { key: 'userId', value: VALUES.userId }

const items = Array.from({ length: 45 }, (_, i) => [`item${i}`, { sku: `sku-${1000 + i}`, count: i, note: 'as a gift, please' }])

/** The same with forty-five more: a cart, say, and what a wizard remembers. */
export const FIFTY = { ...Object.fromEntries(items), ...VALUES }
