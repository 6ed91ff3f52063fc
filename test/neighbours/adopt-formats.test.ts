import { createHmac } from 'node:crypto'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import t from 'tap'
import type { AdoptFunction } from '../../index.ts'
import { fromCookieSession, fromFastifySession, fromMgcreaSession, fromSecureSession } from '../../index.ts'
import { openSecretBox } from '../../lib/adopt/secretbox.ts'
import { makeApp } from '../support/app.ts'
import { LIMIT } from '../support/limit.ts'
import { root } from '../support/readme.ts'

t.setTimeout(LIMIT)

interface Sodium {
  crypto_secretbox_easy(box: Uint8Array, message: Uint8Array, nonce: Uint8Array, key: Uint8Array): void
}

const sodium = createRequire(join(root, 'test/neighbours/package.json'))('sodium-native') as Sodium

const [key, nonce] = [Buffer.alloc(32, 7), Buffer.alloc(24, 9)]

function sealed(message: Uint8Array): Uint8Array {
  const box = Buffer.alloc(message.length + 16)
  sodium.crypto_secretbox_easy(box, message, nonce, key)
  return box
}

const asked = (adopt: AdoptFunction, cookie: string) => adopt({ hostname: 'site', protocol: 'http', headers: { cookie } })

t.test('what sodium sealed is opened, of any length, and nothing else is', async (t) => {
  for (const length of [0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 1000]) {
    const message = Buffer.from(Array.from({ length }, (_, i) => i % 256))
    const box = sealed(message)
    t.strictSame(Buffer.from(openSecretBox(box, nonce, key) ?? 'none'), message, `${length} bytes`)
    for (const at of [0, 15, box.length - 1]) {
      const changed = Buffer.from(box)
      changed[at] = (changed[at] ?? 0) ^ 1
      t.equal(openSecretBox(changed, nonce, key), undefined)
    }
  }
  t.equal(openSecretBox(sealed(Buffer.from('x')), nonce, Buffer.alloc(32)), undefined, 'another key')
  t.equal(openSecretBox(Buffer.alloc(15), nonce, key), undefined)
  t.equal(openSecretBox(Buffer.alloc(16), Buffer.alloc(23), key), undefined)
})

t.test('a secure session is read by any of several keys while it lives', async (t) => {
  const cookieOf = (session: object) =>
    `session=${encodeURIComponent(`${Buffer.from(sealed(Buffer.from(JSON.stringify(session)))).toString('base64')};${nonce.toString('base64')}`)}`
  const adopt = fromSecureSession({ key: [Buffer.alloc(32), key] })
  const now = Math.floor(Date.now() / 1000)
  t.match(await asked(adopt, cookieOf({ a: 1, __ts: now })), { a: 1 })
  t.equal(await asked(adopt, cookieOf({ a: 1, __ts: now - 90_000 })), undefined, 'it expired')
  t.equal(await asked(adopt, cookieOf([1])), undefined)
  t.equal(await asked(adopt, 'session=junk'), undefined)
})

t.test('a cookie-session is read when it is signed, and is JSON', async (t) => {
  const adopt = fromCookieSession({ keys: ['new', 'old'] })
  const cookieOf = (text: string, by = 'old') => {
    const value = Buffer.from(text).toString('base64')
    const signature = createHmac('sha1', by).update(`session=${value}`).digest('base64url')
    return `session=${value}; session.sig=${signature}`
  }
  t.match(await asked(adopt, cookieOf('{"a":1}')), { a: 1 })
  t.equal(await asked(adopt, cookieOf('{"a":1}', 'other')), undefined)
  t.equal(await asked(adopt, cookieOf('{"a":')), undefined)
})

t.test('an id is looked up when its signature is right', async (t) => {
  const store = {
    get: (_id: string, callback: (error: undefined, session: object) => void) => callback(undefined, { a: 1 }),
    destroy: (_id: string, callback: () => void) => callback(),
  }
  const id = Buffer.from('an id').toString('base64')
  const signed = (secret: string) => `${id}.${createHmac('sha256', secret).update('an id').digest('base64').replace(/=+$/, '')}`
  const destroyed: string[] = []
  const destroy = async (id: string) => void destroyed.push(id)
  const mgcrea = fromMgcreaSession({ secret: 'a secret', store: { get: async () => [{ a: 1 }], destroy } })
  t.equal(await asked(mgcrea, `Session=${encodeURIComponent(signed('another'))}`), undefined)
  t.match(await asked(mgcrea, `Session=${encodeURIComponent(signed('a secret'))}`), { a: 1 })
  const prefixed = fromFastifySession({ secret: 'a secret', store, cookiePrefix: 's:' })
  t.equal(await asked(prefixed, 'sessionId=without-prefix'), undefined)
  t.match(await asked(prefixed, `sessionId=${encodeURIComponent(`s:${signed('a secret').replace(id, 'an id')}`)}`), { a: 1 })
  const { app } = await makeApp({ adopt: mgcrea }, (app) => void app.get('/', async ({ session }) => session.data()))
  const reply = await app.inject({ url: '/', headers: { cookie: `Session=${encodeURIComponent(signed('a secret'))}` } })
  t.strictSame([reply.json(), destroyed], [{ a: 1 }, ['an id']])
})
