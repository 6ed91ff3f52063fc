import { isStandard } from './schemas.ts'

const NO_ANONYMOUS = 'a session that nothing was put into is never stored'

/** Options of other session libraries, and what there is here instead. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  secret: 'no secret is needed, because a token is random and nothing is signed',
  key: 'the name of the cookie is cookie.name',
  name: 'the name of the cookie is cookie.name',
  cookieName: 'the name of the cookie is cookie.name',
  saveUninitialized: `leave it out: ${NO_ANONYMOUS}`,
  resave: 'leave it out: only a session that was changed is written',
  rolling: 'a session that every request prolongs has an idleTimeout',
  unset: 'await session.destroy() ends a session',
  genid: 'tokens are random, and cannot be chosen',
  proxy: "it is Fastify's option trustProxy",
  maxAge: "how long a session lives is lifetime, for example '24h'",
  ttl: "how long a session lives is lifetime, for example '24h'",
  'cookie.maxAge': "the cookie lives as long as the session: lifetime, for example '24h'",
  'cookie.expires': "the cookie lives as long as the session: lifetime, for example '24h'",
  'cookie.signed': 'leave it out: a token is random and nothing is signed',
}

/** What to do about an option that does not exist: a sentence's end, empty where nothing is known. */
export function optionHint(name: string, names: readonly string[]): string {
  const last = name.slice(name.lastIndexOf('.') + 1)
  const near = names.find((each) => distance(each.toLowerCase(), last.toLowerCase()) <= 2)
  if (near !== undefined) return ` (did you mean ${name.slice(0, -last.length)}${near}?)`
  return Object.hasOwn(ELSEWHERE, name) ? `; ${ELSEWHERE[name]}` : ''
}

/** How many letters must be put in, left out or changed to make one word of another (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (const letter of a) {
    const before = row
    row = [Number(before[0]) + 1]
    for (let i = 1; i <= b.length; i++) {
      const changed = Number(before[i - 1]) + (letter === b[i - 1] ? 0 : 1)
      row.push(Math.min(changed, Number(before[i]) + 1, Number(row[i - 1]) + 1))
    }
  }
  return Number(row[b.length])
}

function hasMethods(given: unknown, ...names: readonly string[]): boolean {
  return names.every((name) => typeof Object(given)[name] === 'function')
}

/** What to do about something that was given as a store and is none: a sentence's end, empty where nothing is known. */
export function storeHint(given: unknown): string {
  if (typeof given === 'string')
    return '; a connection string is none: new RedisStore(new Redis(url)), or new PostgresStore(new pg.Pool({ connectionString }))'
  if (typeof given === 'function') return '; this is a function or a class: give an object that new made of it'
  if (hasMethods(given, 'get', 'set', 'destroy'))
    return '; this is one of express-session: new ExpressStore(store), from fastify-scs/stores/express'
  if (hasMethods(given, 'query') || hasMethods(given, 'getBuffer'))
    return '; this is a connection: give it to new RedisStore, new PostgresStore or new MysqlStore, from fastify-scs/stores/…'
  return ''
}

/** What to do about something that was given as a schema and is none. */
export function schemaHint(given: unknown): string {
  if (!isStandard(given)) return ''
  return '; a whole object schema of another library cannot be checked key by key: give an object with a schema for each key, which is schema.shape of Zod and schema.entries of Valibot'
}
