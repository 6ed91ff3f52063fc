import fastifyCookie from '@fastify/cookie'
import fastifySession, { Store } from '@fastify/session'
import Fastify from 'fastify'
import { JsonCodec } from '../../dist/index.js'
import { SECRET, VALUES } from '../values.mjs'

/** A name, a number, a flag or a list under each key, in turn. */
function many(count) {
  const value = (i) => [`value number ${i}`, i * 1001, i % 3 === 0, ['a', 'b', `c${i}`]][i % 4]
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`key${String(i).padStart(2, '0')}`, value(i)]))
}

const SESSIONS = {
  'five keys': VALUES,
  'fifty keys': many(50),
  'a Date, a bigint, 16 bytes, a Map of two': {
    since: new Date(1_767_225_600_000),
    balance: 12_345_678_901_234_567_890n,
    nonce: new Uint8Array(16).fill(200),
    seen: new Map(Object.entries({ front: 3, back: 1 })),
  },
}

/** What a store of @fastify/session is given, as those that keep strings write it. */
async function storedByPeer(values) {
  let stored
  const store = new Store()
  store.set = (_id, session, done) => {
    stored = JSON.stringify(session)
    done()
  }
  const app = Fastify()
  await app.register(fastifyCookie)
  await app.register(fastifySession, { store, secret: SECRET, saveUninitialized: false, cookie: { secure: false, maxAge: 86_400_000 } })
  app.get('/', async ({ session }) => {
    for (const [key, value] of Object.entries(values)) session.set(key, value)
    return 'ok'
  })
  await app.inject('/')
  await app.close()
  return stored
}

/** The size of a string or of bytes; undefined where the value cannot be written. */
async function sizeOf(make) {
  try {
    return Buffer.byteLength(await make())
  } catch {
    return undefined
  }
}

/** Bytes of a session's payload, and of the values alone as JSON. */
export async function measurePayloads() {
  const [codec, deadline] = [new JsonCodec(), Date.UTC(2030, 0, 1)]
  const rows = Object.entries(SESSIONS).map(async ([session, values]) => ({
    session,
    'JSON.stringify': await sizeOf(() => JSON.stringify(values)),
    JsonCodec: await sizeOf(() => codec.encode(deadline, values)),
    '@fastify/session': await sizeOf(() => storedByPeer(values)),
  }))
  return Promise.all(rows)
}
