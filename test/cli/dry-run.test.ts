import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { open } from 'lmdb'
import t from 'tap'
import { LmdbStore } from '../../stores/lmdb.ts'
import { BOLT, fill, scs, sessionOf } from '../support/cli.ts'
import { LIMIT } from '../support/limit.ts'
import { placeFor } from '../support/lmdb.ts'
import { databaseAt, placeFor as sqlitePlace } from '../support/sqlite.ts'

t.setTimeout(LIMIT)

const GO = `bolt:${BOLT}/sessions.db`

t.test('an LMDB environment without sessions stays as it is until something is carried there', async (t) => {
  const path = placeFor(t)
  const environment = open({ path })
  await environment.openDB('other', {}).put('a', 1)
  await environment.close()
  const content = () => readFileSync(join(path, 'data.mdb'))
  const [url, before] = [`lmdb:${path}`, content()]
  for (const [args, out] of [
    [['count', url], '0\n'],
    [['list', url], ''],
    [['clean', url], '0 expired sessions removed\n'],
    [['migrate', url], 'nothing to do: this store has no table\n'],
    [['revoke', url, '--all', '--dry-run'], '0 sessions would be ended\n'],
    [['import', GO, url, '--dry-run'], '15 would be carried, 0 already there, 0 unreadable, 0 refused\n'],
  ] as const)
    t.same(await scs(args), { code: 0, out, err: '' }, args.join(' '))
  t.ok(content().equals(before), 'nothing was written')
  t.match(await scs(['import', GO, url]), { code: 0, out: '15 carried' })
  t.equal((await scs(['count', url])).out, '15\n')
})

t.test('--table is the name of an LmdbStore', async (t) => {
  const path = placeFor(t, 'file.db')
  const store = new LmdbStore(path, { name: 'mine' })
  await fill(store, [sessionOf('ada')])
  await store.close()
  const url = `lmdb:${path}`
  t.equal((await scs(['count', url])).out, '0\n')
  t.equal((await scs(['count', url, '--table', 'mine'])).out, '1\n')
  const within = ['import', url, url, '--from-table', 'mine']
  t.match(await scs([...within, '--to-table', 'new', '--dry-run']), { code: 0, out: '1 would be carried' })
  t.match(await scs([...within, '--to-table', 'new']), { code: 0, out: '1 carried' })
  t.equal((await scs(['count', url, '--table', 'new'])).out, '1\n')
  t.match(await scs([...within, '--to-table', 'a b']), { code: 1, err: 'LmdbStore: the option name' })
})

t.test('an import to a SQLite file without the table: a dry run says what would be carried, and makes none', async (t) => {
  const path = sqlitePlace(t)
  const database = databaseAt(t, path)
  database.exec('CREATE TABLE other (a)')
  const tables = () => Object(database.prepare('SELECT count(*) AS n FROM sqlite_schema').get()).n
  t.same(await scs(['import', GO, `sqlite:${path}`, '--dry-run']), {
    ...{ code: 0, out: '15 would be carried, 0 already there, 0 unreadable, 0 refused\n', err: '' },
  })
  t.equal(tables(), 1)
  t.match(await scs(['import', GO, `sqlite:${path}`]), { code: 0, out: '15 carried' })
  t.match(await scs(['import', GO, `sqlite:${path}`, '--dry-run']), { code: 0, out: '0 would be carried, 15 already there' })
})
