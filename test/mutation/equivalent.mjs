import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

const TYPES = 'tells the compiler what is so already'
const SHORTCUT = 'a shortcut: the long way round comes to the same'
const COMPARED = 'is only ever compared with other strings'
const FIRST = 'is set anew before anybody looks at it'
const THROWS = 'what it throws is caught there, and means the same'
const NOWHERE = 'a character before the first is none, and no blank'
const NOTHING = 'nothing is as good as undefined or false'
const FROZEN = 'a string is frozen'
const ANY_VALUE = 'any value would do'

/**
 * Mutants that no test can tell from the original, by file: why, a part of the line, what is changed there, and to what (undefined: anything).
 * A last number says which of several in the file.
 */
const EQUIVALENT = {
  'lib/binding.ts': [['a name for whoever debugs', 'Symbol(`fastify-scs.']],
  'index.ts': [[TYPES, 'routeOptions.config?.session', 'request.routeOptions.config?.session']],
  'lib/http/cookie.ts': [
    [ANY_VALUE, "serialize('n', '', { path })", "''"],
    [ANY_VALUE, "serialize(name, '')", "''"],
    [ANY_VALUE, "serialize('n', '', { domain })", "''"],
    [SHORTCUT, "accepted('domain'", 'domain !== undefined', 'true'],
    [NOWHERE, 'while (before >= 0', 'before >= 0', 'true'],
    [NOWHERE, 'while (end > 0', 'end > 0', 'true'],
    [NOWHERE, 'while (end > 0', 'end > 0', 'end >= 0'],
    [SHORTCUT, 'end === value.length ?', undefined, 'false'],
  ],
  'lib/http/headers.ts': [
    [SHORTCUT, "reply.removeHeader('set-cookie')", 'others.length > 0 || former !== undefined', 'true'],
    [SHORTCUT, "reply.removeHeader('set-cookie')", 'others.length > 0', 'others.length >= 0'],
    [SHORTCUT, 'if (current === undefined) {', undefined, 'false'],
    [SHORTCUT, 'if (current === undefined) {', undefined, '{}'],
  ],
  'lib/http/reply.ts': [[FIRST, "'cache-control',", undefined, undefined, 1]],
  'lib/options/durations.ts': [
    ['no unit either', "const [, amount, unit = '']", "''"],
    ['no amount either', "const [, amount, unit = '']", '[]'],
  ],
  'lib/options/checks.ts': [
    [THROWS, "typeof value === 'object' && methods", "typeof value === 'object'", 'true'],
    [NOTHING, '} catch {', undefined, '{}'],
  ],
  'lib/data/edits.ts': [[COMPARED, "const { starts = 'stored', value", "'stored'"]],
  'lib/data/renewal-record.ts': [[NOTHING, '} catch {', '{ return undefined }', '{}']],
  'lib/data/record.ts': [[THROWS, 'if (upgrade === undefined)', undefined, 'false']],
  'lib/data/sealer.ts': [
    [FROZEN, 'readonly #plain: object[]', undefined, '["Stryker was here"]'],
    [FROZEN, 'readonly #guarded:', undefined, '["Stryker was here"]'],
  ],
  'lib/data/tags.ts': [
    [SHORTCUT, 'if (Array.isArray(value)) return value.some', undefined, 'false'],
    [SHORTCUT, 'prototype !== Object.prototype && isRich(value)', 'prototype !== null', 'true'],
    [SHORTCUT, 'prototype !== Object.prototype && isRich(value)', 'prototype !== Object.prototype', 'true'],
    [SHORTCUT, '&& isRich(value)', 'prototype !== null && prototype !== Object.prototype'],
    [SHORTCUT, 'return value === 0 && Object.is', 'value === 0', 'true'],
    [TYPES, 'if (read === undefined ||', 'read === undefined', 'false'],
    [THROWS, 'if (Array.isArray(value)) return value', undefined, 'true', 4],
    [SHORTCUT, 'return value.every((part) => isPlain', undefined, 'false'],
    [SHORTCUT, "typeof part !== 'string' && !isPlain", "typeof part !== 'string'", 'true'],
    [SHORTCUT, "typeof part !== 'string' && !isPlain", "'string'"],
  ],
  'lib/data/values.ts': [
    "typeof value === 'string' || typeof value === 'boolean'",
    "typeof value === 'string'",
    "typeof value === 'boolean'",
    "'string'",
    "'boolean'",
  ].map((from) => [SHORTCUT, '|| Number.isFinite(value)) return { value', from]),
  'lib/store/client.ts': [
    [THROWS, 'found?.expiresAt', 'found?.expiresAt', 'found.expiresAt'],
    [THROWS, 'found !== undefined && Buffer.compare', 'found !== undefined', 'true'],
    [THROWS, 'previous !== undefined && !holds', 'previous !== undefined', 'true'],
    ['an iterator is there at once', '[Symbol.asyncIterator]()', undefined, 'this.#clock() - timeout'],
    [FIRST, 'let stopped = false', 'false'],
    [TYPES, 'waiting?.reject(new TimeoutError', 'waiting?.reject'],
    [SHORTCUT, 'this.#clock === machineClock ?', undefined, 'false'],
  ],
  'lib/lifecycle.ts': [
    ['a session that is not in the store has no use for it', 'this.begin(undefined, this.settings.log, false)', 'false'],
    ['what could not be used was not changed', 'if (work.refusal !== undefined) return undefined', undefined, 'false'],
  ],
  'lib/session.ts': [['no session has that key', 'keep: readonly string[] = []', '[]']],
}

/** What names a file or a line that is not there, as sentences. */
export function lostEntries() {
  return Object.entries(EQUIVALENT).flatMap(([file, entries]) => {
    if (!existsSync(root + file)) return [`equivalent.mjs: there is no ${file}`]
    const text = readFileSync(root + file, 'utf8')
    return entries.filter(([, at]) => !text.includes(at)).map(([, at]) => `equivalent.mjs: ${file} has no longer ${at}`)
  })
}

const oneLine = (text) => text.replace(/\s+/g, ' ')

function meant(file, [, at, from, to, nth], mutants) {
  const suits = (wanted, text) => wanted === undefined || oneLine(text) === wanted
  const like = mutants.filter((mutant) => mutant.file === file && mutant.text.includes(at))
  const found = like.filter((mutant) => suits(from, mutant.original) && suits(to, mutant.replacement))
  if (found.length === 0) throw new Error(`equivalent.mjs: no mutant of ${file} is like ${JSON.stringify([at, from, to])}`)
  return nth === undefined ? found : found.slice(nth - 1, nth)
}

/** Marks the equivalent mutants among those of some files. */
export function excused(mutants) {
  const files = new Set(mutants.map(({ file }) => file))
  const entries = Object.entries(EQUIVALENT).flatMap(([file, list]) => (files.has(file) ? list.map((entry) => [file, entry]) : []))
  const whys = new Map(entries.flatMap(([file, entry]) => meant(file, entry, mutants).map((mutant) => [mutant, entry[0]])))
  return mutants.map((mutant) => ({ ...mutant, equivalent: whys.get(mutant) }))
}
