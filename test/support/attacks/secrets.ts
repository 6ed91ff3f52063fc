import type { Test } from 'tap'
import { hashToken } from '../../../lib/token.ts'
import type { SessionStore } from '../../../types/store.ts'
import { startSite } from '../../http/steps.ts'
import { cookieOf, setCookies } from '../app.ts'
import type { AttackStore } from './stores.ts'

/** Every way in which a token may lie in a file. */
export function spellings(token: string): Buffer[] {
  const raw = Buffer.from(token, 'base64url')
  const text = Buffer.from(token, 'latin1')
  const words = [raw.toString('base64'), raw.toString('hex'), raw.toString('hex').toUpperCase()]
  words.push(text.toString('base64'), text.toString('base64url'), text.toString('hex'), text.toString('hex').toUpperCase())
  return [raw, text, Buffer.from(token, 'utf16le'), ...words.map((word) => Buffer.from(word.replace(/=+$/, ''), 'latin1'))]
}

/** Attack 8: whoever steals the disk looks for tokens in it, and tries what they find as a cookie. */
export async function theft(t: Test, { store, bytes }: AttackStore): Promise<void> {
  const site = await startSite({ store, owner: 'user', idleTimeout: '20m' })
  const tokens = [await site.start({ user: 'ann', mark: 'a-mark-to-be-found' })]
  const renewed = await site.post(tokens[0], (session) => {
    session.renewToken()
    session.put('user', 'eve')
  })
  tokens.push(cookieOf(renewed) ?? '', await site.start({ user: 'bob' }))
  await site.post(tokens[2], (session) => session.destroy())
  site.clock.advance(300_000)
  await site.get(tokens[1])
  const disk = await bytes()
  t.ok(disk.includes('a-mark-to-be-found') && disk.includes(hashToken(tokens[1] ?? '')), 'the dump has what is stored')
  for (const token of tokens)
    t.notOk(
      spellings(token).some((each) => disk.includes(each)),
      'and no token, in whatever spelling',
    )
  await replay(t, site.send, store)
}

async function replay(t: Test, send: Awaited<ReturnType<typeof startSite>>['send'], store: SessionStore): Promise<void> {
  let tried = 0
  for await (const { key, record } of store.all()) {
    const words = [key, Buffer.from(key).toString('base64url'), Buffer.from(record.data).toString('base64url').slice(0, 43)]
    for (const word of words) {
      t.strictSame((await send('GET', word)).json(), {}, 'a row is no cookie')
      tried++
    }
  }
  t.ok(tried > 0)
}

/** Attack 10: tokens that a client made up, or that were good once, or good elsewhere. */
export async function adoption(t: Test, { store, neighbour }: AttackStore): Promise<void> {
  const site = await startSite({ store })
  const elsewhere = await startSite({ store: await neighbour('tenant10') })
  const ended = await site.start({ user: 'ann' })
  await site.post(ended, (session) => session.destroy())
  const living = await site.start({ user: 'ann' })
  const presented = {
    'made up': 'A'.repeat(43),
    destroyed: ended,
    'another tenant’s': await elsewhere.start({ user: 'ann' }),
    'a key of the store': hashToken(living),
    'a token with other case': living.toUpperCase() === living ? living.toLowerCase() : living.toUpperCase(),
  }
  for (const [what, token] of Object.entries(presented)) {
    const reply = await site.post(token, (session) => {
      const before = { ...session.data(), isNew: session.isNew, token: session.token }
      session.put('mine', what)
      return before
    })
    t.strictSame(reply.json(), { isNew: true, token: '' }, `${what}: nobody’s`)
    t.equal(setCookies(reply).length, 1)
    t.not(cookieOf(reply), token, `${what}: a new token`)
    t.equal(await store.find(hashToken(token), { expiry: false }), undefined, `${what}: nothing is stored under it`)
    await site.post(cookieOf(reply), (session) => session.destroy())
  }
}

/** Attack 11: the generator repeats a token that somebody has. */
export async function collision(t: Test, { store }: AttackStore): Promise<void> {
  const plain = await startSite({ store })
  const victim = await plain.start({ user: 'ann' })
  let repeats = 1
  const repeating = new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      if (name !== 'create') return value.bind(target)
      return (key: string, ...rest: unknown[]) => value.call(target, repeats-- > 0 ? hashToken(victim) : key, ...rest)
    },
  })
  const site = await startSite({ store: repeating })
  const token = await site.start({ user: 'eve' })
  t.ok(repeats < 0, 'it was tried again')
  t.not(token, victim)
  t.strictSame((await site.get(victim)).json(), { user: 'ann' }, 'the session that was there is as it was')
  t.strictSame((await site.get(token)).json(), { user: 'eve' })
}
