import t from 'tap'
import { PostgresStore } from '../../stores/postgres.ts'
import { settled } from '../support/app.ts'

const WANT = { expiry: false, owner: false }
const FOUND = { rows: [[Buffer.from('data').toString('base64')]], rowCount: 1 }

type Done = (error: unknown, result?: typeof FOUND) => void

/** A client whose answers the test gives. */
function heldClient() {
  const waiting: Done[] = []
  return {
    waiting,
    query: (_: unknown, done: Done) => void waiting.push(done),
    on() {},
    removeListener() {},
    release() {},
  }
}

/** A pool of one client, which it lends when it is told to. */
function heldPool(client: object) {
  const waiting: (() => void)[] = []
  const connect = (done: (error: undefined, client: object) => void) => void waiting.push(() => done(undefined, client))
  return { waiting, totalCount: 1, options: { max: 1 }, connect }
}

const storeOn = (client: object) => new PostgresStore(client as never)
const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length

t.test('a call takes one timer, whatever it waits for, and none once it has its answer', async (t) => {
  const client = heldClient()
  const pool = heldPool(client)
  for (const given of [client, pool]) {
    const store = storeOn(given)
    const idle = timers()
    const until = Date.now() + 60_000
    const calls = [1, 2].map(() => store.find('key', WANT, until))
    t.equal(timers(), idle + 2, 'one works and one waits for its turn')
    for (let i = 0; i < 2; i++) {
      pool.waiting.shift()?.()
      await settled()
      t.equal(timers(), idle + 2 - i)
      client.waiting.shift()?.(null, FOUND)
      await settled()
    }
    for (const call of calls) t.equal(String((await call)?.data), 'data')
    t.equal(timers(), idle)
  }
})

t.test('a connection that comes when nobody waits any more goes back unused, and its turn to the next', async (t) => {
  const client = heldClient()
  const pool = heldPool(client)
  let released = 0
  const store = storeOn({ ...pool, waiting: undefined, connect: pool.connect })
  client.release = () => void released++
  await t.rejects(store.find('key', WANT, Date.now() + 20), /was not sent/)
  const next = store.find('key', WANT, Date.now() + 60_000)
  t.equal(pool.waiting.length, 1, 'the next waits for its turn')
  pool.waiting.shift()?.()
  await settled()
  t.strictSame([released, client.waiting.length, pool.waiting.length], [1, 0, 1])
  pool.waiting.shift()?.()
  await settled()
  client.waiting.shift()?.(null, FOUND)
  t.equal(String((await next)?.data), 'data')
})

t.test('a client that cannot be given back is an error of that call alone', async (t) => {
  const client = heldClient()
  const pool = heldPool(client)
  const store = storeOn(pool)
  const broken = () => {
    throw new Error('not back')
  }
  for (const release of [broken, () => {}]) {
    client.release = release
    const call = store.find('key', WANT, Date.now() + 60_000)
    pool.waiting.shift()?.()
    await settled()
    client.waiting.shift()?.(null, FOUND)
    if (release === broken) await t.rejects(call, /not back/)
    else t.equal(String((await call)?.data), 'data')
  }
})

t.test('a client may answer by a callback, by a promise, or by both', async (t) => {
  const failure = Object.assign(new Error('from the server'), { severity: 'ERROR', code: '22000' })
  const later = async (fails: boolean) => {
    await settled()
    if (fails) throw failure
    return FOUND
  }
  const ways: Record<string, (fails: boolean, done: Done) => unknown> = {
    callback: (fails, done) => void later(fails).then((found) => done(null, found), done),
    promise: (fails) => later(fails),
    'a callback, and a promise of nothing': async (fails, done) => void later(fails).then((found) => done(null, found), done),
    both: async (fails, done) => {
      const found = await later(fails)
      done(null, found)
      return found
    },
    'both, errors too': async (fails, done) => {
      const found = later(fails)
      found.then((rows) => done(null, rows), done)
      return await found
    },
  }
  for (const [way, answer] of Object.entries(ways)) {
    for (const fails of [false, true]) {
      const found = storeOn({ query: (_: unknown, done: Done) => answer(fails, done) }).find('key', WANT, Date.now() + 60_000)
      if (fails) await t.rejects(found, failure, way)
      else t.equal(String((await found)?.data), 'data', way)
    }
  }
})

t.test('a statement that the server has no more is sent again once, though the client says so twice', async (t) => {
  const missing = Object.assign(new Error('no such statement'), { severity: 'ERROR', code: '26000' })
  let sent = 0
  const store = storeOn({
    async query(_: unknown, done: Done) {
      if (++sent > 1) return FOUND
      done(missing)
      throw missing
    },
  })
  t.equal(String((await store.find('key', WANT, Date.now() + 60_000))?.data), 'data')
  await settled()
  t.equal(sent, 2)
})

t.test('a client that throws at once is an error of that call alone', async (t) => {
  let throws = true
  const store = storeOn({
    query() {
      if (throws) throw new Error('at once')
      return Promise.resolve(FOUND)
    },
  })
  await t.rejects(store.find('key', WANT, Date.now() + 60_000), /at once/)
  throws = false
  t.equal(String((await store.find('key', WANT, Date.now() + 60_000))?.data), 'data')
})

t.test('what all queries of a statement have in common is not copied with each', async (t) => {
  const own: string[][] = []
  const query = async (given: object) => {
    own.push(Object.keys(given))
    t.match(given, { text: /^SELECT/, rowMode: 'array', values: ['key'] })
    return FOUND
  }
  await storeOn({ query }).find('key', WANT)
  t.strictSame(own, [['values']])
})
