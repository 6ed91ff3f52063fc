import { randomBytes } from 'node:crypto'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { publicId } from '../../lib/token.ts'
import { LmdbStore } from '../../stores/lmdb.ts'
import { BOLT, fill, hasNoSecret, scs, scsProcess, sessionOf } from '../support/cli.ts'
import { LIMIT } from '../support/limit.ts'
import { placeFor } from '../support/lmdb.ts'
import { call, startRedis, startRedisCluster } from '../support/servers/redis.ts'
import { databaseAt, SCS_TABLE, placeFor as sqlitePlace } from '../support/sqlite.ts'

t.setTimeout(LIMIT)

const PASSWORD = 's3cr%20t'
const [ID, KEY] = ['A'.repeat(22), 'k'.repeat(43)]
const SECRETS = [PASSWORD, 's3cr t', KEY]

/** A store with sessions, and its URL. */
async function filled(t: Parameters<typeof placeFor>[0], ...users: string[]) {
  const path = placeFor(t)
  const store = new LmdbStore(path)
  const sessions = users.map((user) => sessionOf(user))
  await fill(store, sessions)
  await store.close()
  return { url: `lmdb:${path}`, sessions }
}

t.test('wrong usage is told of, with exit code 2 and no secret', async (t) => {
  const bolt = `bolt:${join(BOLT, 'sessions.db')}`
  for (const [args, sentence] of [
    [[], 'say what to do: list, show'],
    [['drop', bolt], 'say what to do'],
    [['list'], 'list needs one URL'],
    [['list', bolt, bolt], 'list needs one URL'],
    [['import', bolt], 'import needs two URLs'],
    [['import', 'lmdb:a', 'lmdb:a'], 'two different stores'],
    [['list', bolt, '--bogus', PASSWORD], "Unknown option '--bogus'"],
    [['list', bolt, '--all'], 'list has no option --all'],
    [['list', bolt, '--limit', '0'], '--limit is a whole number'],
    [['list', bolt, '--codec', 'xml'], 'a codec is json, gob, encrypted or encrypted-gob'],
    [['migrate', bolt, '--layout', 'x'], '--layout is plain or scs'],
    [['list', bolt, ID], 'list takes no id'],
    [['show', bolt], 'show needs the id of one session'],
    [['show', bolt, KEY], 'a token or a key, which is a secret'],
    [['show', bolt, 'short'], 'has 22 characters'],
    [['revoke', 'lmdb:a'], 'revoke needs an id, --owner or --all'],
    [['revoke', 'lmdb:a', '--all', '--owner', 'ada'], '--all goes with neither'],
    [['list', `http://a:${PASSWORD}@b`], 'a URL begins with redis:'],
    [['list', `mysql://a:${PASSWORD}%@b`], 'not percent-encoded'],
    [['list', `redis://a:${PASSWORD}@[`], 'not percent-encoded'],
    [['list', 'lmdb:'], 'lmdb: needs the path of a file'],
    [['list', 'env:PATH'], 'a URL begins with redis:'],
    [['revoke', 'redis://a', '--all', '--table', 'b', '--dry-run'], 'there is no --table for redis; --help tells more'],
    [['list', 'sqlite:a', '--prefix', 'b'], 'there is no --prefix for sqlite;'],
    [['list', 'lmdb:a', '--cluster'], 'there is no --cluster for lmdb;'],
    [['list', 'env:PLACE', '--layout', 'scs'], 'there is no --layout for postgres;'],
    [['list', 'bolt:a', '--table', 'b'], 'there is no --table for bolt;'],
    [['import', 'redis://a', 'sqlite:b', '--from-table', 'c'], 'there is no --from-table for redis;'],
    [['import', 'redis://a', 'sqlite:b', '--to-cluster'], 'there is no --to-cluster for sqlite;'],
    [['import', 'lmdb:a', 'sqlite:b', '--prefix', 'c'], 'there is no --prefix for lmdb or sqlite;'],
    [['import', 'sqlite:a', 'sqlite:a', '--to-table', 'sessions'], 'two different stores'],
    [['list', 'env:NOT_SET'], 'NOT_SET that env: names is not set'],
  ] as const) {
    const ended = await scs(args, { env: { PATH: 'no URL', PLACE: 'postgres://a' } })
    t.match(ended, { code: 2, out: '', err: sentence }, args.join(' '))
    hasNoSecret(t, ended, SECRETS)
  }
})

t.test('a server that is not there, or refuses, is told of without the password', async (t) => {
  const redis = await startRedis(t)
  await call(redis.port, 'CONFIG', 'SET', 'requirepass', 'other')
  for (const [url, sentence, ...options] of [
    [`redis://:${PASSWORD}@127.0.0.1:1`, 'ECONNREFUSED'],
    [`redis://:${PASSWORD}@127.0.0.1:${redis.port}`, 'WRONGPASS'],
    [`rediss://u:${PASSWORD}@127.0.0.1:1`, 'fastify-scs: ', '--cluster'],
    ['redis://127.0.0.1', 'fastify-scs: ', '--cluster', '--prefix', 'owners:'],
    [`postgres://u:${PASSWORD}@127.0.0.1:1/x?sslmode=disable&sslpassword=${PASSWORD}`, 'ECONNREFUSED'],
    [`mariadb://u:${PASSWORD}@127.0.0.1:1/x`, 'ECONNREFUSED'],
  ] as const) {
    const ended = await scs(['list', 'env:STORE', ...options], { env: { STORE: url } })
    t.match(ended, { code: 1, out: '', err: sentence }, url)
    hasNoSecret(t, ended, SECRETS)
  }
})

t.test('a dry run of migrate at a server that is not there fails', async (t) => {
  t.match(await scs(['migrate', 'postgres://127.0.0.1:1/x', '--dry-run']), { code: 1, out: '', err: 'ECONNREFUSED' })
})

t.test('what a store warns of is said on standard error', async (t) => {
  const path = sqlitePlace(t)
  databaseAt(t, path).exec(SCS_TABLE)
  t.match(await scs(['list', `sqlite:${path}`]), { code: 0, out: '', err: 'warning: the table has no owner column' })
})

t.test('a Cluster is reached through any of its nodes, and not without --cluster', async (t) => {
  const [, node] = await startRedisCluster(t)
  const url = `redis://127.0.0.1:${node?.port}`
  const { url: from } = await filled(t, 'ada', 'bob', 'carl')
  t.match(await scs(['import', from, url, '--cluster']), { code: 0, out: '3 carried' })
  t.match(await scs(['list', url, '--cluster', '--owner', 'bob']), { code: 0, out: '\tbob\t' })
  t.match(await scs(['count', url]), { code: 1, err: 'luster' })
  const single = `redis://127.0.0.1:${(await startRedis(t)).port}`
  t.match(await scs(['import', url, single, '--from-cluster']), { code: 0, out: '3 carried' })
  t.match(await scs(['import', single, url, '--to-cluster', '--to-prefix', 'other:']), { code: 0, out: '3 carried' })
})

t.test("a file that is not there is not made, and what is another program's is left alone", async (t) => {
  const folder = t.testdir()
  const path = join(folder, 'none.db')
  for (const scheme of ['sqlite', 'bolt', 'lmdb']) {
    t.match(await scs(['list', `${scheme}:${path}`, '--codec', 'json']), { code: 1, err: `there is no ${scheme} store at` }, scheme)
  }
  t.match(await scs(['migrate', `sqlite://${path}`, '--dry-run']), { code: 0, out: 'it would be created' })
  t.match(await scs(['import', `bolt:${BOLT}/sessions.db`, `sqlite:${path}`, '--dry-run']), { code: 0, out: '15 would be carried' })
  t.same(readdirSync(folder), [])
  writeFileSync(path, 'this is no database, and long enough to be looked at')
  t.match(await scs(['list', `sqlite:${path}`]), { code: 1, err: 'not a database' })
  t.match(await scs(['migrate', `sqlite:${path}`, '--dry-run']), { code: 1, err: 'not a database' })
  t.match(await scs(['migrate', `sqlite:${path}`, '--table', 'a b']), { code: 1, err: 'table' })
})

t.test('many are ended when somebody says yes, and not otherwise', async (t) => {
  const { url, sessions } = await filled(t, 'ada', 'ada', 'bob')
  for (const answer of ['no', '', 'yesterday']) {
    t.match(await scs(['revoke', url, '--owner', 'ada'], { answer }), { code: 1, out: '', err: 'End 2 sessions? (yes or no) ' }, answer)
  }
  t.match(await scs(['revoke', url, '--all'], { answer: 'no' }), { code: 1, err: 'End 3 sessions?' })
  t.match(await scs(['revoke', url, publicId(sessions[2]?.key ?? '')], { answer: 'not asked' }), { code: 0, err: '' })
  t.match(await scs(['revoke', url, '--owner', 'ada'], { answer: ' Yes\n' }), { code: 0, out: '2 sessions ended\n' })
})

t.test('an id that begins with a hyphen is an id', async (t) => {
  const { url, sessions } = await filled(t, ...Array.from({ length: 400 }, (_, i) => `user${i}`))
  const id = sessions.map(({ key }) => publicId(key)).find((each) => each.startsWith('-')) ?? ''
  t.match(await scs(['show', url, id]), { code: 0, out: `id\t${id}\n` })
})

t.test('a table is for a terminal, and Ctrl-C ends a listing', async (t) => {
  const { url } = await filled(t, 'ada\\u001b[2J', 'bob')
  const drawn = await scs(['list', url], { isTerminal: true })
  t.match(drawn.out, /^┌─+┬.*│ id +│ owner +│ time left +│ expires +│ payload +│/s)
  t.match((await scs(['show', url, /[\w-]{22}/.exec(drawn.out)?.[0] ?? ''], { isTerminal: true })).out, '│ values.visits │ 3 ')
  const abort = new AbortController()
  t.match(await scs(['list', url], { abort, each: () => abort.abort() }), { code: 130, err: '' })
  for (const args of [['clean'], ['revoke', '--all', '-y']]) t.match(await scs([...args, url], { abort }), { code: 130, out: '' })
  const last = new AbortController()
  t.match(await scs(['list', url, '--limit', '1'], { abort: last, each: () => last.abort() }), { code: 130, err: '' })
  t.equal((await scs(['count', url])).out, '2\n')
})

t.test('a change of codec', async (t) => {
  const { url } = await filled(t, 'ada')
  t.match(await scs(['import', url, `lmdb:${placeFor(t)}`, '--to-codec', 'gob', '--dry-run']), { code: 0, out: '1 would be carried' })
})

t.test('encrypted sessions, with the keys of the environment', async (t) => {
  const { url } = await filled(t, 'ada')
  const [keys, target] = [`${randomBytes(32).toString('base64')}, ${randomBytes(32).toString('base64')}`, `lmdb:${placeFor(t)}`]
  const env = { SCS_KEYS: keys }
  const carried = await scs(['import', url, target, '--to-codec', 'encrypted'], { env })
  t.match(carried, { code: 0, out: '1 carried' })
  t.match(await scs(['list', target]), { code: 0, out: 'another codec' })
  const listed = await scs(['list', target, '--codec', 'encrypted'], { env })
  t.match(listed, { code: 0, out: 'ada' })
  t.notMatch(listed.out, 'another codec')
  const [first, second = ''] = keys.split(', ')
  const again = `lmdb:${placeFor(t)}`
  const codecs = ['--from-codec', 'encrypted', '--to-codec', 'encrypted']
  t.match(await scs(['import', target, again, ...codecs], { env: { SCS_KEYS: `${second},${first}` } }), { code: 0, out: '1 carried' })
  t.match((await scs(['list', again, '--codec', 'encrypted'], { env: { SCS_KEYS: second } })).out, 'ada', 'a change of keys')
  for (const wrong of [{}, { SCS_KEYS: '' }, { SCS_KEYS: 'a passphrase' }])
    t.match(await scs(['list', target, '--codec', 'encrypted-gob'], { env: wrong }), {
      code: 2,
      out: '',
      err: 'in the environment variable SCS_KEYS',
    })
  hasNoSecret(t, carried, keys.split(', '))
  hasNoSecret(t, listed, keys.split(', '))
})

t.test('as a program: results on standard output, the rest on standard error, and an exit code', async (t) => {
  const { url } = await filled(t, 'ada')
  t.match(await scsProcess(['--help']), { code: 0, out: 'Exit codes: 0 done, 1 failed, 2 wrong usage', err: '' })
  t.match(await scsProcess(['--version']), { code: 0, out: /^\d+\.\d+\.\d+\n$/, err: '' })
  t.match(await scsProcess(['count', 'env:STORE'], { STORE: url }), { code: 0, out: '1\n', err: '' })
  t.match(await scsProcess(['revoke', url, '--all']), { code: 2, out: '', err: '--yes' })
  t.match(await scsProcess(['count', 'lmdb:./none']), { code: 1, out: '', err: 'fastify-scs: there is no lmdb store at ./none\n' })
})
