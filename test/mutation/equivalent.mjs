const TYPES = 'tells the compiler what is so already'
const SHORTCUT = 'a shortcut: the long way round comes to the same'
const COMPARED = 'is only ever compared with other texts'
const FIRST = 'is set anew before anybody looks at it'
const THROWS = 'what it throws is caught there, and means the same'
const NOWHERE = 'a character before the first is none, and no blank'
const UNUSED = 'a session that is not in the store has no use for it'

/**
 * Mutants that no test can tell from the original. `at` is part of the line, `from` and `to` are what is changed there (left out: anything),
 * `nth` says which of several in the file.
 * An entry that fits no mutant is an error, so that none outlives its line.
 */
const EQUIVALENT = [
  { file: 'index.ts', at: 'const key = Symbol(`fastify-scs.', why: 'a name for whoever debugs' },
  { file: 'index.ts', at: 'routeOptions.config?.session', from: 'request.routeOptions.config?.session', why: TYPES },
  {
    file: 'index.ts',
    at: 'if (state !== null) state.threw',
    from: 'state !== null',
    to: 'true',
    why: 'Fastify goes on when onError throws',
  },
  { file: 'index.ts', at: 'if (outcome === undefined) {', to: 'false', why: SHORTCUT },
  { file: 'index.ts', at: 'if (outcome === undefined) {', to: '{}', why: SHORTCUT },
  {
    file: 'lib/sending.ts',
    at: "return typeof payload === 'object' ? mendResponse",
    from: "typeof payload === 'object'",
    to: 'true',
    why: SHORTCUT,
  },
  { file: 'lib/commit.ts', at: 'this.create(state, until)', from: "'set'", why: COMPARED },
  { file: 'lib/commit.ts', at: 'this.#swap(state, 0,', from: "'set'", why: COMPARED },
  { file: 'lib/commit.ts', at: 'merged.length === 0 ||', from: 'merged.length === 0', to: 'false', why: SHORTCUT },
  { file: 'lib/http/cookie.ts', at: "serialize('n', '', { path })", from: "''", why: 'any value would do' },
  { file: 'lib/http/cookie.ts', at: "serialize(name, '')", from: "''", why: 'any value would do' },
  { file: 'lib/http/cookie.ts', at: "serialize('n', '', { domain })", from: "''", why: 'any value would do' },
  { file: 'lib/http/cookie.ts', at: "accepted('domain'", from: 'domain !== undefined', to: 'true', why: SHORTCUT },
  { file: 'lib/http/cookie.ts', at: 'while (before >= 0', from: 'before >= 0', to: 'true', why: NOWHERE },
  { file: 'lib/http/cookie.ts', at: 'while (end > 0', from: 'end > 0', to: 'true', why: NOWHERE },
  { file: 'lib/http/cookie.ts', at: 'while (end > 0', from: 'end > 0', to: 'end >= 0', why: NOWHERE },
  { file: 'lib/http/cookie.ts', at: 'end === value.length ?', to: 'false', why: SHORTCUT },
  { file: 'lib/data/draft.ts', at: 'this.#handOut(key, value) : value', why: SHORTCUT, to: 'true' },
  { file: 'lib/data/draft.ts', at: 'this.#handOut(key, value) : value', why: SHORTCUT, to: "typeof value === 'object' || value !== null" },
  { file: 'lib/data/draft.ts', at: 'this.#view === this.base.values ?', to: 'true', why: SHORTCUT },
  { file: 'lib/options/durations.ts', at: "const [, amount, unit = '']", from: "''", why: 'no unit either' },
  { file: 'lib/options/durations.ts', at: "const [, amount, unit = '']", from: '[]', why: 'no amount either' },
  { file: 'lib/data/edits.ts', at: "starts: 'stored', value", from: "'stored'", why: COMPARED },
  { file: 'lib/end.ts', at: "state.key === '' ? false", from: 'false', why: FIRST },
  { file: 'lib/engine.ts', at: 'this.begin(undefined, this.settings.log, false)', from: 'false', why: UNUSED },
  { file: 'lib/engine.ts', at: "state.phase = 'closed'", nth: 1, why: 'a refused session is not saved in any phase' },
  {
    file: 'lib/engine.ts',
    at: 'if (state.refusal !== undefined) return undefined',
    to: 'false',
    why: 'what could not be used was not changed',
  },
  {
    file: 'lib/verdict.ts',
    at: 'state.reply !== undefined && state.sentCookie',
    from: 'state.reply !== undefined',
    to: 'true',
    why: TYPES,
  },
  {
    file: 'lib/verdict.ts',
    at: 'state.sentCookie !== undefined)',
    from: 'state.sentCookie !== undefined',
    to: 'true',
    why: 'without a cookie of ours nothing is withdrawn',
  },
  { file: 'lib/store/client.ts', at: 'found?.expiresAt', from: 'found?.expiresAt', to: 'found.expiresAt', why: THROWS },
  { file: 'lib/store/client.ts', at: 'found !== undefined && Buffer.compare', from: 'found !== undefined', to: 'true', why: THROWS },
  { file: 'lib/store/client.ts', at: 'previous !== undefined && !holds', from: 'previous !== undefined', to: 'true', why: THROWS },
  { file: 'lib/store/client.ts', at: '[Symbol.asyncIterator]()', to: 'this.#clock() - timeout', why: 'an iterator is there at once' },
  { file: 'lib/store/client.ts', at: 'let stopped = false', from: 'false', why: FIRST },
  { file: 'lib/store/client.ts', at: 'waiting?.reject(new TimeoutError', from: 'waiting?.reject', why: TYPES },
  { file: 'lib/store/client.ts', at: 'this.#clock === machineClock ?', to: 'false', why: SHORTCUT },
  {
    file: 'lib/http/headers.ts',
    at: "reply.removeHeader('set-cookie')",
    from: 'others.length > 0 || former !== undefined',
    to: 'true',
    why: SHORTCUT,
  },
  {
    file: 'lib/http/headers.ts',
    at: "reply.removeHeader('set-cookie')",
    from: 'others.length > 0',
    to: 'others.length >= 0',
    why: SHORTCUT,
  },
  { file: 'lib/load.ts', at: 'else if (known.length > 1)', to: 'known.length >= 1', why: 'one that is known was taken before' },
  { file: 'lib/load.ts', at: 'known.length === 1 && first', from: 'first !== undefined', to: 'true', why: TYPES },
  { file: 'lib/manager.ts', at: 'options.except === undefined ?', to: 'false', why: SHORTCUT },
  { file: 'lib/data/record.ts', at: '} catch {', from: '{ return false }', to: '{}', why: 'nothing is as false' },
  { file: 'lib/data/record.ts', at: '} catch {', from: '{ return undefined }', to: '{}', why: 'nothing is undefined' },
  { file: 'lib/options/checks.ts', at: "typeof value === 'object' && methods", from: "typeof value === 'object'", to: 'true', why: THROWS },
  { file: 'lib/options/checks.ts', at: '} catch {', to: '{}', why: 'undefined is no more true than false' },
  {
    file: 'lib/settings.ts',
    at: "cookie: [(value) => typeof value === 'object'",
    from: "typeof value === 'object'",
    to: 'true',
    why: 'the next check says the same',
  },
  {
    file: 'lib/settings.ts',
    at: "if (typeof value !== 'object' || value === null) return false",
    from: 'value === null',
    to: 'false',
    why: THROWS,
  },
  { file: 'lib/settings.ts', at: 'touchInterval >= idleTimeout) throw', from: 'idleTimeout !== undefined', to: 'true', why: SHORTCUT },
  { file: 'lib/data/record.ts', at: 'if (upgrade === undefined)', to: 'false', why: THROWS },
  { file: 'lib/data/record.ts', at: 'return schema !== undefined &&', from: 'schema !== undefined', to: 'true', why: TYPES },
  { file: 'lib/http/reply.ts', at: "'cache-control',", nth: 1, why: FIRST },
  { file: 'lib/session.ts', at: 'keep: readonly string[] = []', from: '[]', why: 'no session has that key' },
  {
    file: 'lib/session.ts',
    at: "state.origin === 'stored' ? (state.renewal",
    to: 'true',
    why: 'without a stored session there is no token either',
  },
  { file: 'lib/state.ts', at: "token = ''", from: "''", why: UNUSED },
  { file: 'lib/state.ts', at: "[this.token, this.found] = ['', undefined]", from: "''", why: UNUSED },
  { file: 'lib/state.ts', at: '&& this.found !== undefined) {', from: "this.origin === 'stored'", to: 'true', why: TYPES },
  { file: 'lib/state.ts', at: '&& this.found !== undefined) {', from: 'this.found !== undefined', to: 'true', why: TYPES },
  { file: 'lib/state.ts', at: '&& this.found !== undefined) {', to: "this.origin === 'stored' || this.found !== undefined", why: TYPES },
  { file: 'lib/state.ts', at: "this.origin === 'stored' ? newToken() : ''", to: 'true', why: UNUSED },
  { file: 'lib/state.ts', at: "this.origin === 'stored' ? newToken() : ''", from: "''", why: UNUSED },
  { file: 'lib/state.ts', at: '|| this.found === undefined) return false', from: 'this.found === undefined', to: 'false', why: TYPES },
  { file: 'lib/state.ts', at: 'this.#touches && this.found !== undefined ?', from: 'this.found !== undefined', to: 'true', why: TYPES },
  { file: 'lib/data/tags.ts', at: 'if (Array.isArray(value)) return value.some', to: 'false', why: SHORTCUT },
  {
    file: 'lib/data/tags.ts',
    at: 'prototype !== Object.prototype && isRich(value)',
    from: 'prototype !== null',
    to: 'true',
    why: SHORTCUT,
  },
  {
    file: 'lib/data/tags.ts',
    at: 'prototype !== Object.prototype && isRich(value)',
    from: 'prototype !== Object.prototype',
    why: SHORTCUT,
    to: 'true',
  },
  { file: 'lib/data/tags.ts', at: '&& isRich(value)', from: 'prototype !== null && prototype !== Object.prototype', why: SHORTCUT },
  { file: 'lib/data/tags.ts', at: 'return value === 0 && Object.is', from: 'value === 0', to: 'true', why: SHORTCUT },
  { file: 'lib/data/tags.ts', at: 'if (read === undefined ||', from: 'read === undefined', to: 'false', why: TYPES },
  { file: 'lib/data/tags.ts', at: 'if (Array.isArray(value)) return value', to: 'true', nth: 4, why: THROWS },
  { file: 'lib/http/headers.ts', at: 'if (current === undefined) {', to: 'false', why: SHORTCUT },
  { file: 'lib/http/headers.ts', at: 'if (current === undefined) {', to: '{}', why: SHORTCUT },
  { file: 'lib/data/tags.ts', at: 'return value.every((part) => isPlain', to: 'false', why: SHORTCUT },
  { file: 'lib/data/tags.ts', at: "typeof part !== 'string' && !isPlain", from: "typeof part !== 'string'", to: 'true', why: SHORTCUT },
  { file: 'lib/data/tags.ts', at: "typeof part !== 'string' && !isPlain", from: "'string'", why: SHORTCUT },
  ...[
    "typeof value === 'string' || typeof value === 'boolean'",
    "typeof value === 'string'",
    "typeof value === 'boolean'",
    "'string'",
    "'boolean'",
  ].map((from) => ({
    file: 'lib/data/values.ts',
    at: "if (typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) return { value",
    from,
    why: SHORTCUT,
  })),
  { file: 'lib/data/values.ts', at: 'readonly #plain: object[]', to: '["Stryker was here"]', why: 'a text is frozen' },
  { file: 'lib/data/values.ts', at: 'readonly #guarded:', to: '["Stryker was here"]', why: 'a text is frozen' },
  { file: 'lib/data/values.ts', at: 'const last = length === undefined', from: 'length === undefined', to: 'false', why: SHORTCUT },
  { file: 'lib/trace.ts', at: '} catch {', from: '{ return undefined }', to: '{}', why: 'nothing is undefined' },
]

const oneLine = (text) => text.replace(/\s+/g, ' ')

function isLike({ file, at, from, to }, mutant) {
  const isPlace = mutant.file === file && mutant.text.includes(at)
  return isPlace && (from === undefined || oneLine(mutant.original) === from) && (to === undefined || oneLine(mutant.replacement) === to)
}

function meant(entry, mutants) {
  const like = mutants.filter((mutant) => isLike(entry, mutant))
  if (like.length === 0) throw new Error(`no mutant is like ${JSON.stringify(entry)}`)
  return entry.nth === undefined ? like : like.slice(entry.nth - 1, entry.nth)
}

/** Marks the equivalent mutants among those of some files. */
export function excused(mutants) {
  const files = new Set(mutants.map(({ file }) => file))
  const entries = EQUIVALENT.filter(({ file }) => files.has(file))
  const whys = new Map(entries.flatMap((entry) => meant(entry, mutants).map((mutant) => [mutant, entry.why])))
  return mutants.map((mutant) => ({ ...mutant, equivalent: whys.get(mutant) }))
}
