import { existsSync } from 'node:fs'
import fastifyCookie from '@fastify/cookie'
import fastifySession from '@fastify/session'
import Fastify from 'fastify'
import { SECRET, VALUES } from '../cases.mjs'

const GOB = new URL('../../build/codecs/gob.js', import.meta.url)

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
    seen: new Map([
      ['front', 3],
      ['back', 1],
    ]),
  },
}

async function codecs() {
  const { JsonCodec } = await import('../../build/index.js')
  const found = { JsonCodec: new JsonCodec() }
  if (existsSync(GOB)) {
    const { GobCodec } = await import(GOB.href)
    found.GobCodec = new GobCodec()
  }
  return found
}

/** What a store of @fastify/session is given, as those that keep text write it. */
async function storedByPeer(values) {
  let text
  const store = {
    set(_id, session, done) {
      text = JSON.stringify(session)
      done()
    },
    get: (_id, done) => done(null, null),
    destroy: (_id, done) => done(),
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
  return text
}

/** The size of a text or of bytes; undefined where the value cannot be written. */
async function sizeOf(make) {
  try {
    const made = await make()
    return made === undefined ? undefined : Buffer.byteLength(made)
  } catch {
    return undefined
  }
}

/** Bytes of a session's payload for each codec, and of the values alone as JSON. */
export async function measurePayloads() {
  const all = Object.entries(await codecs())
  const deadline = Date.UTC(2030, 0, 1)
  const rows = []
  for (const [session, values] of Object.entries(SESSIONS)) {
    const sizes = { 'JSON.stringify': await sizeOf(() => JSON.stringify(values)) }
    for (const [name, codec] of all) sizes[name] = await sizeOf(() => codec.encode(deadline, values))
    sizes['@fastify/session'] = await sizeOf(() => storedByPeer(values))
    rows.push({ session, sizes })
  }
  return rows
}
