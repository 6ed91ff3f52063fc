import type { Test } from 'tap'
import { Type } from 'typebox'
import { hashToken, newToken } from '../../../lib/token.ts'
import { type Handler, type Site, startSite } from '../../http/steps.ts'
import { cookieOf, setCookies } from '../app.ts'
import { isForeign } from '../foreign-payload.ts'
import type { AttackStore } from './stores.ts'

const LATER = Date.UTC(2030, 5, 1)
const session = (values: string, deadline: number | string = LATER) => `{"deadline":${deadline},"values":${values}}`
const tagged = (value: string) => `{"deadline":${LATER},"tagged":true,"values":{"user":${value}}}`

/** What a writer of the store, a broken disk or another program may have put where a session was. */
export const PAYLOADS: Readonly<Record<string, string | Uint8Array>> = {
  nothing: '',
  null: 'null',
  'a number': '42',
  'a text': '"x"',
  'a list': '[]',
  'an empty object': '{}',
  'values that are a list': session('[]'),
  'values that are a text': session('"user"'),
  truncated: session('{"user":"mallory"}').slice(0, -3),
  'two in a row': session('{}') + session('{"user":"mallory"}'),
  'a deadline that is NaN': session('{"user":"mallory"}', 'NaN'),
  'a deadline that is null': session('{"user":"mallory"}', 'null'),
  'a deadline beyond all dates': session('{"user":"mallory"}', '1e300'),
  'a deadline that overflows': session('{"user":"mallory"}', '1e999'),
  'a deadline that is a text': session('{"user":"mallory"}', '"2031-01-01"'),
  'a deadline that has passed': session('{"user":"mallory"}', 0),
  'nested deeper than anybody could put': session(`{"user":${'['.repeat(101)}"mallory"${']'.repeat(101)}}`),
  'nested deeper than the stack': session(`{"user":${'['.repeat(50_000)}"mallory"${']'.repeat(50_000)}}`),
  'an unknown tag': tagged('{"$":"function","v":"process.exit()"}'),
  'a tag of what objects inherit': tagged('{"$":"constructor","v":"x"}'),
  'a tag of a prototype': tagged('{"$":"__proto__","v":{}}'),
  'a date that is none': tagged('{"$":"date","v":"garbage"}'),
  'a number without end': tagged(`{"$":"bigint","v":"${'9'.repeat(5000)}"}`),
  'a map without pairs': tagged('{"$":"map","v":[1,2]}'),
  'bytes that are no UTF-8': Uint8Array.from({ length: 300 }, (_, i) => (i * 83 + 128) % 256),
  'bytes that Java serialized': Buffer.from('aced0005737200116a6176612e7574696c2e486173684d6170', 'hex'),
  'a pickle of Python': Buffer.from('80049520000000000000008c05706f736978948c0673797374656d9493948c026964948594529440', 'hex'),
  'a session of PHP': 'user|s:7:"mallory";',
  'a session of express-session': '{"cookie":{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"},"user":"mallory"}',
  'a JSON Web Token': 'eyJhbGciOiJub25lIn0.eyJ1c2VyIjoibWFsbG9yeSJ9.',
  'ten megabytes': 'x'.repeat(10_000_000),
}

const USES: readonly (readonly [string, Handler])[] = [
  ['a read', (session) => session.data()],
  ['a write', (session) => void session.put('mine', 1)],
  ['a login', (session) => void [session.renewToken(), session.put('mine', 1)]],
  ['a logout', (session) => session.destroy()],
]

/** Attack 23: payloads that are no session. Each use of one ends well, and the row is gone when it was ours. */
export async function payloads(t: Test, { store }: AttackStore): Promise<void> {
  const site = await startSite({ store })
  for (const [name, payload] of Object.entries(PAYLOADS)) {
    if (payload.length > (store.maxBytes ?? Number.POSITIVE_INFINITY)) continue
    // The largest is read and no more: what is done with it is the same.
    for (const [use, handler] of payload.length > 1_000_000 ? USES.slice(0, 1) : USES) {
      const token = newToken()
      await store.create(hashToken(token), { data: Buffer.from(payload), expiresAt: LATER })
      const reply = await site.post(token, handler)
      const what = `${name}, ${use}`
      if (reply.statusCode !== 200) t.equal(reply.statusCode, 200, what)
      if (reply.body.includes('mallory')) t.fail(`${what}: it was read`)
      if (cookieOf(reply) === token) t.fail(`${what}: the token was adopted`)
      const isThere = (await store.find(hashToken(token), { expiry: false })) !== undefined
      if (isThere !== isForeign(Buffer.from(payload))) t.fail(`${what}: the row is ${isThere ? 'there still' : 'gone'}`)
      const next = await site.get(token)
      if (next.statusCode !== 200 || next.body !== '{}') t.fail(`${what}: the next request: ${next.statusCode} ${next.body}`)
      const fresh = cookieOf(reply)
      if (fresh) t.equal((await site.get(fresh)).body, '{"mine":1}', what)
    }
  }
  t.equal(Object.getOwnPropertyNames(Object.prototype).length, 12, 'no prototype was changed')
  t.ok(
    site.warnings().every((line) => !JSON.stringify(line).includes('mallory')),
    'no warning quotes what was stored',
  )
}

/** Attack 27: a session that grows beyond its limit, from one that was stored and from nothing. */
export async function huge(t: Test, { store }: AttackStore): Promise<void> {
  for (const options of [{}, { maxBytes: 1000 }]) {
    const site = await startSite({ store, ...options })
    const token = await site.start({ user: 'ann' })
    const grow: Handler = (session) => {
      session.put('small', 1)
      session.put('name', 'x'.repeat(70_000))
    }
    const reply = await site.post(token, grow)
    t.equal(reply.statusCode, 500)
    t.equal(reply.json().code, 'FST_ERR_SCS_TOO_LARGE')
    t.strictSame((await site.get(token)).json(), { user: 'ann' }, 'the session is as it was, with no part of the request in it')
    const first = await site.post(undefined, grow)
    t.equal(first.statusCode, 500)
    t.strictSame(setCookies(first), [])
    t.equal(await site.app.sessions.count(), 1, 'nothing was stored')
    await site.post(token, (session) => session.destroy())
  }
}

const VALUES = (site: Site, token: string) => site.get(token).then((reply) => reply.json())

/** Attack 33: the removal of a value is a logout to many an application, so it must be saved. */
export async function removal(t: Test, { store }: AttackStore): Promise<void> {
  const site = await startSite({ store, owner: 'user' })
  const ways: readonly Handler[] = [
    (session) => session.remove('user'),
    (session) => void session.pop('user'),
    (session) => session.set('user', undefined),
    (session) => session.update('user', () => undefined),
    (session) => void session.clear(),
    (session) => session.regenerate([]),
  ]
  for (const remove of ways) {
    const token = await site.start({ user: 'ann' })
    const reply = await site.post(token, remove)
    t.equal(reply.statusCode, 200)
    t.strictSame(await VALUES(site, token), {})
    t.strictSame(await VALUES(site, cookieOf(reply) ?? token), {})
    for await (const _ of site.app.sessions.ownedBy('ann')) t.fail('the owner’s list has it still')
    await site.post(cookieOf(reply) ?? token, (session) => session.destroy())
  }
}

/** Attack 34: two releases behind one load balancer, each writing what the other reads. */
export async function releases(t: Test, { store }: AttackStore): Promise<void> {
  const old = await startSite({ store, schema: Type.Object({ user: Type.String(), roles: Type.String() }) })
  const next = await startSite({
    store,
    schema: Type.Object({ user: Type.String(), roles: Type.Array(Type.String()), theme: Type.String() }),
    upgrade: ({ roles, ...rest }) => ({ ...rest, ...(typeof roles === 'string' ? { roles: roles.split(',') } : {}) }),
  })
  const token = await old.start({ user: 'ann', roles: 'reader,writer' })
  t.strictSame(await VALUES(next, token), { user: 'ann', roles: ['reader', 'writer'] }, 'the new release reads what the old one wrote')
  const plain = await next.start({ user: 'bob', theme: 'dark' })
  await old.post(plain, (session) => session.put('user', 'bert'))
  t.strictSame(await VALUES(next, plain), { user: 'bert', theme: 'dark' }, 'the old release keeps what it does not know')
}
