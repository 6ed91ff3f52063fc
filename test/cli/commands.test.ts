import t from 'tap'
import { publicId } from '../../lib/token.ts'
import { fill, hasNoSecret, jsonLines, scs, sessionOf } from '../support/cli.ts'
import { type CliStore, optionsOf, startCliStores } from '../support/cli-stores.ts'
import { LIMIT } from '../support/limit.ts'
import { call } from '../support/servers/redis.ts'

t.setTimeout(LIMIT)

const makeStores = await startCliStores(t)
const DAY = 86_400_000
const imported = (from: CliStore, to: CliStore, ...rest: string[]) =>
  scs(['import', from.url, to.url, ...optionsOf(from, 'from-'), ...optionsOf(to, 'to-'), ...rest])

for (const store of await makeStores()) {
  t.test(`every command on ${store.name}`, async (t) => {
    const ada = [sessionOf('ada'), sessionOf('ada', Date.now() + 2 * DAY)]
    const [bob, carl] = [sessionOf('bob'), sessionOf('carl', Date.now() + DAY, null)]
    const foreign = { key: sessionOf('x').key, record: { data: Buffer.from('not of this codec'), expiresAt: Date.now() + DAY } }
    await store.use((open) => fill(open, [...ada, bob, carl, foreign]))
    const call = async (command: string, ...rest: string[]) => {
      const ended = await scs([command, store.url, ...optionsOf(store), ...rest])
      hasNoSecret(t, ended)
      return ended
    }
    const idOf = ({ key }: { key: string }) => publicId(key)

    t.same(await call('count'), { code: 0, out: '5\n', err: '' })
    t.same(await call('count', '--json', '--owner', 'ada'), { code: 0, out: '{"count":2}\n', err: '' })
    t.equal((await call('count', '--owner', 'carl')).out, '0\n', 'the store keeps no owner of his')
    t.equal((await call('count', '--owner', 'carl', '--owner-key', 'userId')).out, '1\n', 'but the session says whose it is')

    const all = jsonLines((await call('list', '--json')).out)
    t.same(all.map(({ id }) => id).sort(), [...ada, bob, carl, foreign].map(idOf).sort())
    t.same(
      all.filter(({ isForeign }) => isForeign).map(({ id, owner }) => [id, owner]),
      [[idOf(foreign), null]],
    )
    const listed = all.find(({ id }) => id === idOf(bob))
    const expires = new Date(bob.record.expiresAt).toISOString()
    t.same(listed, { id: idOf(bob), owner: 'bob', expiresAt: bob.record.expiresAt, expires, deadline: expires, isForeign: false })
    t.equal((await call('list', '--limit', '2')).out.split('\n').length, 3)
    t.match((await call('list', '--owner', 'bob')).out, new RegExp(`^${idOf(bob)}\tbob\t59m 5\\ds\t${expires}\t\n$`))

    const [shown] = jsonLines((await call('show', idOf(bob), '--json')).out)
    t.same(shown, { ...listed, values: { userId: 'bob', visits: 3 } })
    t.match((await call('show', idOf(foreign))).out, 'payload\tanother codec wrote it')
    t.match((await call('show', idOf(bob), '--owner', 'bob')).out, "values.userId\t'bob'\n")
    t.match(await call('show', idOf(bob), '--owner', 'ada'), { code: 1, err: 'no living session has this id' })

    t.match(await call('revoke', '--owner', 'ada', '--dry-run'), { code: 0, out: '2 sessions would be ended\n' })
    t.match(await call('revoke', '--owner', 'ada'), { code: 2, out: '', err: '--yes' })
    t.equal((await call('count')).out, '5\n', 'neither changed anything')
    t.match(await call('revoke', '--owner', 'ada', '--yes', '--json'), { code: 0, out: '{"ended":2,"dryRun":false}\n' })
    t.match(await call('revoke', idOf(bob), '--owner', 'carl'), { code: 1, out: '0 sessions ended\n' }, 'it is not his')
    t.match(await call('revoke', idOf(bob)), { code: 0, out: '1 session ended\n' })
    t.match(await call('revoke', idOf(bob)), { code: 1, err: 'no living session has this id' })
    t.match(await call('revoke', idOf(bob), idOf(foreign), '-y'), {
      code: 1,
      out: '1 session ended\n',
      err: '1 ids have no living session',
    })
    t.match(await call('revoke', '--owner', 'carl', '--owner-key', 'userId', '-y'), { code: 0, out: '1 session ended\n' })

    await store.use((open) => fill(open, [sessionOf('dan'), sessionOf('eve')]))
    t.match(await call('revoke', '--all', '--dry-run'), { code: 0, out: '2 sessions would be ended\n' })
    t.match(await call('revoke', '--all', '--yes'), { code: 0, out: '2 sessions ended\n' })
    t.equal((await call('count')).out, '0\n')
    t.match(await call('clean', '--dry-run'), { code: 0, out: 'nothing was removed' })
    t.match(await call('clean', '--json'), { code: 0, out: '{"removed":0}\n' })
    t.match(await call('clean'), { code: 0, out: '0 expired sessions removed\n' })
    t.match(await call('migrate', '--dry-run'), { code: 0, out: /^nothing to do|^there is a table/ })
    t.match(await call('migrate', '--json'), { code: 0, out: /"migrated":(true|false)/ })
  })
}

t.test('what has expired is removed', async (t) => {
  for (const store of (await makeStores()).filter(({ name }) => name !== 'redis')) {
    await store.use((open) => fill(open, [sessionOf('ada', Date.now() + 40), sessionOf('bob')]))
    await new Promise((resolve) => setTimeout(resolve, 60))
    t.same(await scs(['clean', store.url, ...optionsOf(store)]), { code: 0, out: '1 expired session removed\n', err: '' }, store.name)
    t.equal((await scs(['count', store.url, ...optionsOf(store)])).out, '1\n', store.name)
  }
})

t.test('what has no expiry is listed and shown, and stays behind in an import', async (t) => {
  const [redis, ...others] = (await makeStores()) as [CliStore, ...CliStore[]]
  const [ada, bob] = [sessionOf('ada'), sessionOf('bob')]
  const foreign = { key: sessionOf('x').key, record: { data: Buffer.from('not of this codec'), expiresAt: Date.now() + DAY } }
  await redis.use((open) => fill(open, [ada, bob, foreign]))
  const prefix = redis.options[0]?.[1]
  for (const { key } of [ada, foreign]) await call(Number(new URL(redis.url).port), 'PERSIST', `${prefix}${key}`)
  const looked = (command: string, ...rest: string[]) => scs([command, redis.url, ...optionsOf(redis), ...rest])
  const listed = await looked('list')
  t.match(listed, { code: 0, err: '' })
  t.match(listed.out, `${publicId(ada.key)}\tada\t\tnever\t\n`)
  t.match(listed.out, `${publicId(foreign.key)}\t\t\tnever\tanother codec\n`)
  const deadline = new Date(ada.record.expiresAt).toISOString()
  const none = { expiresAt: null, expires: null }
  t.match(jsonLines((await looked('show', publicId(ada.key), '--json')).out), [{ ...none, owner: 'ada', deadline }])
  t.match(jsonLines((await looked('show', publicId(foreign.key), '--json')).out), [{ ...none, owner: null, deadline: null }])
  t.match((await looked('show', publicId(foreign.key))).out, 'expires\tnever\ndeadline\tnever\n')
  for (const to of others) {
    const rest = '0 already there, 0 unreadable, 2 refused\n'
    t.match(await imported(redis, to, '--dry-run'), { code: 1, out: `1 would be carried, ${rest}` }, to.name)
    t.match(await imported(redis, to), { code: 1, out: `1 carried, ${rest}`, err: 'an expiry is' }, to.name)
  }
})

t.test('a table that is not there is told of, and made by migrate alone', async (t) => {
  for (const { name, url } of (await makeStores()).filter(({ name }) => ['postgres', 'mysql', 'sqlite'].includes(name))) {
    const table = `missing_${process.pid}`
    t.match(await scs(['list', url, '--table', table]), { code: 1, err: 'run fastify-scs migrate with this URL' }, name)
    t.match(await scs(['migrate', url, '--table', table, '--dry-run']), { code: 0, out: 'there is no table: it would be created' }, name)
    t.match(await scs(['count', url, '--table', table]), { code: 1 }, name)
    t.match(await scs(['migrate', url, '--table', table, ...(name === 'mysql' ? ['--layout', 'scs'] : [])]), { code: 0 }, name)
    t.match(await scs(['count', url, '--table', table]), { code: 0, out: '0\n' }, name)
  }
})
