import type { Test } from 'tap'
import { hashToken } from '../../../lib/token.ts'
import { startSite } from '../../http/steps.ts'
import { cookieOf } from '../app.ts'
import type { AttackStore } from './stores.ts'

/** Keys that are names of something else in one language or another, or hard to write down. */
const KEYS = [
  ...['constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'then', 'toJSON', 'length', 'name', 'cookie', 'save', 'id'],
  ...['get', 'put', 'set', 'update', 'pop', 'remove', 'exists', 'keys', 'clear', 'data', 'token', 'destroy', 'commit', 'status', 'isNew'],
  ...['', ' ', '.', 'a.b', '$', '$where', '%s', '*', '_', '_x', '-', '0', '-1', '1e3', 'null', 'undefined', 'a', 'A', 'a ', 'é', 'e\u0301'],
  ...['\0', 'a\0b', '\r\nSet-Cookie: x=1', ';', '"', "'", '\\', '`', '😀', '\ud800', '\u2028', '\ufeff', 'ﬁ', 'K', 'k'.repeat(10_000)],
]
const RESERVED = ['__proto__', '__defineGetter__', '__rememberMe', '__renewedTo', '__']

/** Attack 24: every name is a key like any other, or is refused. */
export async function keyNames(t: Test, { store }: AttackStore): Promise<void> {
  const site = await startSite({ store })
  const shape = () => [Object.prototype, Array.prototype, Map.prototype].map((each) => Reflect.ownKeys(each).length)
  const before = shape()
  const first = await site.post(undefined, (session) => {
    for (const key of KEYS) session.put(key, `of ${key}`)
    for (const key of RESERVED) t.throws(() => session.put(key, { polluted: 1 }), { code: 'FST_ERR_SCS_KEY' }, key)
  })
  t.equal(first.statusCode, 200, first.body)
  await site.get(cookieOf(first), (session) => {
    t.strictSame(session.keys(), [...new Set(KEYS)].sort())
    for (const key of KEYS) t.equal(session.get(key), `of ${key}`)
    for (const key of RESERVED) t.equal(session.get(key), undefined)
    t.equal(typeof session.commit, 'function')
  })
  t.strictSame(shape(), before)
  t.notOk('polluted' in {})
}

/** Names of users that mean something to an engine, or that a careless comparison takes for another. */
const OWNERS = [
  ...[
    "'",
    '"',
    '`',
    '\\',
    "' OR '1'='1",
    "'; DROP TABLE sessions; --",
    '%',
    '_',
    '*',
    '?',
    '[a-z]',
    '{a}',
    '{',
    'a:b',
    '../../x',
    '\r\nDEL x',
  ],
  ...['a', 'A', 'a ', ' a', 'á', 'a\u0301', 'ａ', '😀', 'ß', 'ss', '0', '00', '1', '1.0', 'x'.repeat(200), 'scs:session:a', '$1', 'null'],
]

/** Attacks 25 and 38: an owner is a name and nothing else, and no two that differ are one. */
export async function ownerNames(t: Test, { store }: AttackStore): Promise<void> {
  const site = await startSite({ store, owner: 'user' })
  for (const user of OWNERS) await site.start({ user })
  for (const user of OWNERS) {
    const found: unknown[] = []
    for await (const { owner } of site.app.sessions.ownedBy(user)) found.push(owner)
    t.strictSame(found, [user])
  }
  for (const [i, user] of OWNERS.entries()) {
    t.equal(await site.app.sessions.destroyOwnedBy(user), 1, user)
    t.equal(await site.app.sessions.count(), OWNERS.length - i - 1)
  }
}

/** Names that a listing by pattern, a careless join or a case-blind engine takes for the first one's. */
const TENANTS: Readonly<Record<string, readonly string[]>> = {
  RedisStore: ['scs:session:a:', 'scs:session:*', '{scs:session:}', 'scs:sessio?:'],
  // SQLite takes names that differ in case alone for the same, as its documentation and ours say.
  SqliteStore: ['s', 'session', 'sessions_2'],
}

/** Names that would reach into what belongs to the store, or out of its statement. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  RedisStore: ['', 'owners:12:scs:session:', 'beside:', '\ud800'],
  LmdbStore: ['', 'sessions:owner', 'sessions:expiry', '../sessions', 'a\0b'],
  PostgresStore: ['', 'sessions; DROP TABLE sessions', 'a"b', 'a.b.c', "a'--", 'sessions\0'],
  SqliteStore: ['', 'sqlite_sessions', 'sessions; DROP TABLE sessions', 'a"b', 'a.b', "a'--", 'sessions\0'],
  MysqlStore: ['', 'sessions; DROP TABLE sessions', 'a`b', 'a.b.c', "a'--", 'sessions\0'],
}

/** Attack 25: tenants on one engine, under names that could be taken for one another. */
export async function tenants(t: Test, each: AttackStore): Promise<void> {
  for (const name of REFUSED[each.name] ?? []) await t.rejects(each.neighbour(name), TypeError, `${JSON.stringify(name)} is refused`)
  const names = TENANTS[each.name] ?? ['s', 'Sessions', 'sessions_2']
  const stores = [each.store, ...(await Promise.all(names.map((name) => each.neighbour(name))))]
  const sites = await Promise.all(stores.map((store) => startSite({ store, owner: 'user' })))
  const tokens = await Promise.all(sites.map((site, i) => site.start({ user: 'ann', tenant: i })))
  for (const [i, site] of sites.entries()) {
    const seen = await Promise.all(tokens.map(async (token) => (await site.get(token)).json().tenant))
    t.strictSame(
      seen,
      tokens.map((_, other) => (other === i ? i : undefined)),
      'only its own token is known',
    )
    t.equal(await site.app.sessions.count(), 1)
    const listed: unknown[] = []
    for await (const { values } of site.app.sessions.all()) listed.push(values)
    t.strictSame(listed, [{ user: 'ann', tenant: i }])
  }
  for (const [i, site] of sites.entries()) {
    t.equal(await site.app.sessions.destroyOwnedBy('ann'), 1)
    const left = await Promise.all(stores.map((store, other) => store.find(hashToken(tokens[other] ?? ''), { expiry: false })))
    t.strictSame(
      left.map((record) => record !== undefined),
      tokens.map((_, other) => other > i),
      'the others’ sessions live',
    )
  }
}

const DATA = {
  bytes: Uint8Array.from({ length: 256 }, (_, i) => i),
  date: new Date(-1),
  big: -(2n ** 200n),
  map: new Map<unknown, unknown>([[{ a: 1 }, new Set([1n, 'é'])]]),
  texts: ['a', 'A', 'a ', 'é', 'e\u0301', '😀', '\ud800', '\udc00\ud800', '\0', '\u2028', '\x7f', 'ﬁ', 'İ'],
  zero: -0,
  tag: { $: 'date', v: 0 },
}

/** Attack 38: what went in comes back, to the bit. */
export async function binary(t: Test, { store }: AttackStore): Promise<void> {
  const site = await startSite({ store })
  const token = await site.start(DATA)
  let found: Record<string, unknown> = {}
  await site.post(token, (session) => {
    found = session.data()
    session.put('undefined', { dropped: undefined })
  })
  t.strictSame(found, DATA)
  t.ok(Object.is(found['zero'], -0))
  await site.get(token, (session) => {
    t.strictSame(session.get('undefined'), {})
  })
}

/** Attack 12: the engine never drops a row, its clock says that the session lives, and its deadline has come. */
export async function undropped(t: Test, { store }: AttackStore): Promise<void> {
  const site = await startSite({ store, lifetime: '1h', idleTimeout: '2h' })
  const token = await site.start({ user: 'ann' })
  site.clock.advance(3_599_999)
  t.strictSame((await site.get(token)).json(), { user: 'ann' }, 'to the last millisecond')
  site.clock.advance(1)
  t.not(await store.find(hashToken(token), { expiry: false }), undefined, 'the row is there')
  const late = await site.post(token, (session) => void [session.put('late', 1), session.renewToken()])
  t.not(cookieOf(late), token)
  t.strictSame((await site.get(cookieOf(late))).json(), { late: 1 }, 'nothing of it reaches the session that is begun')
  t.strictSame((await site.get(token)).json(), {})
  t.equal(await store.find(hashToken(token), { expiry: false }), undefined, 'and who used it removed the row')
}
