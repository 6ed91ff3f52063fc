import t, { type Test } from 'tap'
import { ExpressStore } from '../../stores/express.ts'
import { cookieOf, makeApp } from '../support/app.ts'
import { BOTH, bytes, DAY, idOf, record, textOf } from '../support/express-records.ts'
import { mysqlStores, type OpenStore, openMemoryStore, pgStores, redisStores } from '../support/express-stores.ts'
import { LIMIT } from '../support/limit.ts'
import { useMysql } from '../support/servers/mysql.ts'
import { usePostgres } from '../support/servers/postgres.ts'
import { useRedis } from '../support/servers/redis.ts'

t.setTimeout(LIMIT)

t.test('traps 6 and 14: connect-redis, with node-redis, lets Redis itself drop a session when it expires', async (t) => {
  const { client, open } = await redisStores(t, await useRedis(t))
  const { express, close } = open()
  t.teardown(close)
  const expiresAt = Date.now() + 30 * DAY
  await isDroppedAt(t, new ExpressStore(express), expiresAt, async () => {
    const left = await client.pTTL(`${express.prefix}${idOf('key')}`)
    return Date.now() + left
  })
})

t.test('trap 6: connect-pg-simple has the moment of expiry in its column', async (t) => {
  const { pool, open } = pgStores(t, await usePostgres(t))
  const { express, close, table } = await open()
  t.teardown(close)
  await isDroppedAt(t, new ExpressStore(express), Date.now() + 30 * DAY, async () => {
    const { rows } = await pool.query(`SELECT extract(epoch FROM expire::timestamptz) AS seconds FROM ${table} WHERE sid = $1`, [
      idOf('key'),
    ])
    return Number(rows[0].seconds) * 1000
  })
})

t.test('trap 6: express-mysql-session has the moment of expiry in its column', async (t) => {
  const { pool, open } = mysqlStores(t, await useMysql(t))
  const { express, close, table } = await open()
  t.teardown(close)
  await isDroppedAt(t, new ExpressStore(express), Date.now() + 30 * DAY, async () => {
    const [rows] = await pool.query(`SELECT expires FROM ${table} WHERE session_id = ?`, [idOf('key')])
    return (rows as { expires: number }[]).map(({ expires }) => expires * 1000)[0] ?? 0
  })
})

t.test('a session in a store that is down is not missing: the error of the driver comes through', async (t) => {
  const { client, open } = await redisStores(t, await useRedis(t))
  const { express } = open()
  const store = new ExpressStore(express)
  await store.create('key', record('1'))
  await client.close()
  await t.rejects(store.find('key', BOTH), { name: 'Error', message: /closed/ })
  await t.rejects(store.delete('key'), { message: /closed/ })
  await client.connect()
  t.equal(await textOf(store, 'key'), '1')
  await express.clear()
})

t.test('an application behind connect-redis', async (t) => {
  const { open } = await redisStores(t, await useRedis(t))
  await serves(t, open(), ['compare', 'owner'])
})

t.test('an application behind connect-pg-simple', async (t) => {
  const { open } = pgStores(t, await usePostgres(t))
  await serves(t, await open(), ['compare', 'owner', 'list'])
})

t.test('the plugin refuses an owner with an express store', async (t) => {
  const store = new ExpressStore(openMemoryStore().express)
  await t.rejects(makeApp({ store, owner: 'userId' }), { code: 'FST_ERR_SCS_OPTION', message: /owner/ })
})

t.test('an application whose store loses an answer says so, and goes on', async (t) => {
  const { express } = openMemoryStore()
  const { app } = await makeApp({ store: new ExpressStore(express), storeTimeout: 2000 }, (app) => {
    app.post('/', async (request) => request.session.put('page', 1))
    app.get('/', async (request) => request.session.get('page') ?? 0)
  })
  t.teardown(() => app.close())
  const cookies = { session: cookieOf(await app.inject({ method: 'POST', url: '/' })) ?? '' }
  const { get } = express
  express.get = () => {}
  t.match((await app.inject({ url: '/', cookies })).json(), { statusCode: 503, code: 'FST_ERR_SCS_TIMEOUT' })
  express.get = get
  t.equal((await app.inject({ url: '/', cookies })).body, '1')
})

/** So far the database's expiry may be from the record's: these stores count in seconds, from a present that is a little later. */
const TOLERANCE = 60_000

/** What the database says of its own expiry is the record's moment, and not one of the store's own; and a touch moves it. */
async function isDroppedAt(t: Test, store: ExpressStore, expiresAt: number, databaseSays: () => Promise<number>): Promise<void> {
  await store.create('key', record('1', expiresAt))
  const first = await databaseSays()
  t.ok(Math.abs(first - expiresAt) <= TOLERANCE, `${first} for ${expiresAt}`)
  await store.touch('key', bytes('1'), expiresAt + DAY)
  const second = await databaseSays()
  t.ok(Math.abs(second - expiresAt - DAY) <= TOLERANCE, `${second} for ${expiresAt + DAY}`)
}

/** Log in, use, renew, log out. */
async function serves(t: Test, { express, close }: OpenStore, lacks: readonly string[]): Promise<void> {
  const { app, warnings } = await makeApp({ store: new ExpressStore(express), idleTimeout: '20m' }, (app) => {
    app.post('/login', async (request) => {
      request.session.renewToken()
      request.session.put('user', 'ann')
    })
    app.post('/visit', async (request) => request.session.update('visits', (visits) => Number(visits ?? 0) + 1))
    app.post('/logout', async (request) => request.session.destroy())
    app.get('/', async (request) => request.session.data())
  })
  t.teardown(async () => {
    await app.close()
    await close()
  })
  const at = async (url: string, session: string, method: 'GET' | 'POST' = 'POST') => {
    const reply = await app.inject({ method, url, cookies: session === '' ? {} : { session } })
    t.equal(reply.statusCode, 200, url)
    return { token: cookieOf(reply), data: reply.body === '' ? undefined : reply.json() }
  }
  t.strictSame(
    warnings().map(({ lack }) => lack),
    lacks,
    'the log says at the start what this store cannot do',
  )
  const stranger = (await at('/visit', '')).token ?? ''
  t.match(stranger, /^[\w-]{43}$/)
  const user = (await at('/login', stranger)).token ?? ''
  t.not(user, stranger)
  t.strictSame((await at('/', stranger, 'GET')).data, {}, 'the token from before the login is dead')
  await at('/visit', user)
  t.strictSame((await at('/', user, 'GET')).data, { user: 'ann', visits: 2 })
  const straggler = await app.inject({ method: 'POST', url: '/visit', cookies: { session: stranger } })
  t.match(straggler.json(), { statusCode: 409, code: 'FST_ERR_SCS_SUPERSEDED' }, 'one that comes late finds the trace')
  t.equal((await at('/logout', stranger)).token, '')
  t.strictSame((await at('/', user, 'GET')).data, {}, 'a logout with the token from before follows the trace')
  const again = (await at('/login', '')).token ?? ''
  t.equal((await at('/logout', again)).token, '')
  t.strictSame((await at('/', again, 'GET')).data, {})
}
