import fastify from 'fastify'
import t from 'tap'
import scsSession, {
  type FindWant,
  JsonCodec,
  type KnownBytes,
  MemoryStore,
  type SessionCodec,
  type SessionStore,
  type StoreRecord,
} from '../../index.ts'

// A store that asks for it is told which bytes the manager knows.

/** Changes bytes where they are. */
function flip(bytes: Uint8Array): Uint8Array {
  for (let i = 0; i < bytes.length; i++) bytes[i] = (bytes[i] ?? 0) ^ 0x5a
  return bytes
}

t.test('a codec that decodes in place, and a store that decrypts in place, get bytes of their own each time', async (t) => {
  const inner = new JsonCodec()
  const codec: SessionCodec = { encode: (d, v) => flip(inner.encode(d, v)), decode: (b) => inner.decode(flip(b)) }
  class InPlace implements SessionStore {
    readonly #store = new MemoryStore()
    find(key: string, want: FindWant) {
      const found = this.#store.find(key, want)
      if (found !== undefined) flip(found.data)
      return found
    }
    create(key: string, record: StoreRecord) {
      return this.#store.create(key, { ...record, data: flip(record.data) })
    }
    update(key: string, previous: Uint8Array, record: StoreRecord) {
      return this.#store.update(key, flip(previous), { ...record, data: flip(record.data) })
    }
    rename = () => false
    touch = () => true
    delete = (key: string) => this.#store.delete(key)
    deleteOwnedBy = () => 0
    all = () => this.#store.all()
    ownedBy = () => this.#store.all()
    count = () => 0
    deleteExpired = () => 0
    close() {}
  }
  class Extended extends MemoryStore {
    override find(key: string, want?: FindWant) {
      const found = super.find(key, want)
      if (found !== undefined) flip(found.data)
      return found
    }
    override create(key: string, record: StoreRecord) {
      return super.create(key, { ...record, data: flip(record.data) })
    }
  }
  for (const options of [{ codec }, { store: new InPlace() }, { store: new Extended() }]) {
    const app = fastify()
    t.teardown(() => app.close())
    await app.register(scsSession, options)
    app.post('/', async ({ session }) => session.put('n', new Date(5)))
    app.get('/', async ({ session }) => ({ n: session.get('n') }))
    const cookie = (await app.inject({ method: 'POST', url: '/' })).cookies[0]?.value ?? ''
    for (let i = 0; i < 6; i++)
      t.strictSame((await app.inject({ url: '/', cookies: { session: cookie } })).json(), { n: '1970-01-01T00:00:00.005Z' })
  }
})

t.test('no store is told the token, or anything that leads to it', async (t) => {
  const store = new MemoryStore()
  const known: (KnownBytes | undefined)[] = []
  const find = store.find.bind(store)
  store.find = (key, want) => {
    known.push(want?.known)
    return find(key, want)
  }
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(scsSession, { store })
  app.post('/', async ({ session }) => session.put('n', 1))
  app.get('/', async ({ session }) => ({ n: session.get('n') }))
  const token = (await app.inject({ method: 'POST', url: '/' })).cookies[0]?.value ?? ''
  for (let i = 0; i < 3; i++) await app.inject({ url: '/', headers: { cookie: `session=${token}` } })
  const last = known.at(-1)
  if (last === undefined) throw new Error('it is told what is known')
  const names = [...Object.keys(last), ...Object.getOwnPropertyNames(Object.getPrototypeOf(last))]
  t.strictSame(
    names.filter((name) => String(Reflect.get(last, name)).includes(token)),
    [],
  )
  t.equal(Buffer.from(last.data).toString('latin1'), last.text)
})
