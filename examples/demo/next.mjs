/** Where a sign-in may lead. A list: whatever else is in the query may be an address of another site (an open redirect). */
const PAGES = new Set(['/', '/cart', '/devices', '/account', '/account/email', '/operators'])

/** The page to go on with. @param {unknown} next What the query or the form says. @returns {string} */
export const safeNext = (next) => (typeof next === 'string' && PAGES.has(next) ? next : '/')

/** @param {string} page Where to ask. @param {string | undefined} next Where to go on. */
export const asking = (page, next) => (next === undefined || next === '/' ? page : `${page}?next=${encodeURIComponent(next)}`)
