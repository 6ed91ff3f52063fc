import { once } from 'node:events'
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { newToken } from '../../lib/token.ts'
import { makeApp, watchCrashes } from '../support/app.ts'
import { LIMIT } from '../support/limit.ts'
import { SpyStore } from '../support/spy-store.ts'

t.setTimeout(LIMIT)

const NAME = '__Host-session'

/** A site on a socket of its own, and how to send a request to it byte by byte. */
async function rawSite(t: Test) {
  const store = new SpyStore('async')
  const { app } = await makeApp({ store, cookie: { name: NAME } }, (app) => {
    app.get('/', async ({ session }) => session.get('user', 'nobody'))
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => app.close())
  const address = app.server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const send = async (headers: readonly (string | Buffer)[]) => {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(Buffer.concat(['GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n', ...headers, '\r\n'].map((part) => Buffer.from(part))))
    const chunks: Buffer[] = []
    // Node resets the connection on a request that is no HTTP.
    socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => {})
    await new Promise((resolve) => socket.once('close', resolve))
    const text = Buffer.concat(chunks).toString('latin1')
    const reads = store.take().length
    return { status: Number(text.split(' ')[1]), body: text.split('\r\n\r\n')[1] ?? '', cookie: /^set-cookie:/im.test(text), reads }
  }
  return { app, store, send }
}

const bytes = (...parts: (string | number)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part))))

/** What a browser sends for a cookie that plain http or a sibling host set, so that a careless parser reads our name in it. */
function forgeries(token: string): readonly (readonly [string, Buffer])[] {
  const pair = `${NAME}=${token}`
  const before = (...blank: number[]) => bytes('Cookie: a=1; ', ...blank, pair, '\r\n')
  return [
    ['a no-break space before the name', before(0xa0)],
    ['the same in UTF-8', before(0xc2, 0xa0)],
    ['an en quad', before(0xe2, 0x80, 0x80)],
    ['a byte order mark', before(0xef, 0xbb, 0xbf)],
    ['a vertical tab', before(0x0b)],
    ['a form feed', before(0x0c)],
    ['a no-break space after the name', bytes(`Cookie: ${NAME}`, 0xa0, `=${token}\r\n`)],
    ['a blank after the name', bytes(`Cookie: ${NAME} =${token}\r\n`)],
    ['an encoded name', bytes(`Cookie: %5F%5FHost-session=${token}\r\n`)],
    ['a name that PHP mends', bytes(`Cookie: ..Host-session=${token}\r\n`)],
    ['no name', bytes(`Cookie: =${pair}\r\n`)],
    ['no name, twice', bytes(`Cookie: ==${pair}\r\n`)],
    ['lower case', bytes(`Cookie: __host-session=${token}\r\n`)],
    ['upper case', bytes(`Cookie: __HOST-SESSION=${token}\r\n`)],
    ['a version of RFC 2965', bytes(`Cookie: $Version=1,${pair}\r\n`)],
    ['a version in quotes', bytes(`Cookie: $Version="1, ${pair}"\r\n`)],
    ['in the quotes of another', bytes(`Cookie: a="b; c, ${pair}"\r\n`)],
    ['behind a comma', bytes(`Cookie: a=1, ${pair}\r\n`)],
    ['a part of a name', bytes(`Cookie: x${pair}\r\n`)],
    ['a longer name', bytes(`Cookie: ${NAME}2=${token}\r\n`)],
    ['a quoted name', bytes(`Cookie: "${NAME}"=${token}\r\n`)],
    ['a value with a quote before it', bytes(`Cookie: ${NAME}="${token}\r\n`)],
    ['an encoded value', bytes(`Cookie: ${NAME}=%${token.charCodeAt(0).toString(16)}${token.slice(1)}\r\n`)],
    ['a value with a byte too many', bytes(`Cookie: ${pair}`, 0xff, '\r\n')],
    ['a value that is cut', bytes(`Cookie: ${pair.slice(0, -1)}\r\n`)],
    ['two values in one', bytes(`Cookie: ${NAME}=${token},${token}\r\n`)],
    ['a header of another name', bytes(`Cookie2: ${pair}\r\n`)],
    ['the query', bytes(`X: ?${pair}\r\n`)],
  ]
}

t.test('attack 19: no cookie that another host can set is read as one with our __Host- name', async (t) => {
  const crashes = watchCrashes(t)
  const { app, store, send } = await rawSite(t)
  const { token } = await app.sessions.create({ user: 'ann' })
  store.take()
  for (const [what, header] of forgeries(token)) {
    const reply = await send([header])
    // Node itself refuses what is no header.
    const refused = reply.status === 400 ? { status: 400, body: reply.body } : { status: 200, body: 'nobody' }
    t.strictSame(reply, { ...refused, cookie: false, reads: 0 }, what)
  }
  const genuine = [
    `Cookie: ${NAME}=${token}\r\n`,
    `Cookie: a=1;${NAME}=${token}; b="2\r\n`,
    `cookie: \t${NAME}=${token}\t\r\n`,
    `Cookie: ${NAME}="${token}"\r\n`,
  ]
  for (const header of genuine) t.strictSame(await send([header]), { status: 200, body: 'ann', cookie: false, reads: 1 }, header)
  t.strictSame(crashes, [])
})

t.test('attack 19: duplicates, floods and headers without end cost three reads at most and no error of the server', async (t) => {
  const crashes = watchCrashes(t)
  const { app, store, send } = await rawSite(t)
  const { token } = await app.sessions.create({ user: 'ann' })
  const other = await app.sessions.create({ user: 'eve' })
  store.take()
  const junk = (count: number) => Array.from({ length: count }, () => `${NAME}=${newToken()}`).join('; ')
  const own = `${NAME}=${token}`
  const table: readonly (readonly [string, readonly string[], string, number])[] = [
    ['two headers', [`Cookie: a=1\r\n`, `Cookie: ${own}\r\n`], 'ann', 1],
    ['planted before', [`Cookie: ${junk(1)}; ${own}\r\n`], 'ann', 2],
    ['planted behind', [`Cookie: ${own}; ${junk(2)}\r\n`], 'ann', 3],
    ['the attacker’s own session beside it', [`Cookie: ${NAME}=${other.token}; ${own}\r\n`], 'nobody', 2],
    ['200 of our name', [`Cookie: ${junk(200)}\r\n`], 'nobody', 3],
    ['200 of our name in 200 headers', Array.from({ length: 200 }, () => `Cookie: ${junk(1)}\r\n`), 'nobody', 3],
    ['200 of other names', [`Cookie: ${Array.from({ length: 200 }, (_, i) => `c${i}=${newToken()}`).join('; ')}; ${own}\r\n`], 'ann', 1],
    ['a value of 15 KiB', [`Cookie: ${NAME}=${'x'.repeat(15_000)}\r\n`], 'nobody', 0],
    ['7,000 semicolons', [`Cookie: ${'; '.repeat(3500)}${own}\r\n`], 'ann', 1],
    ['7,000 signs', [`Cookie: ${'='.repeat(7000)};${own}\r\n`], 'ann', 1],
  ]
  for (const [what, headers, body, reads] of table) t.strictSame(await send(headers), { status: 200, body, cookie: false, reads }, what)
  const endless = await send([`Cookie: ${own}; a=${'x'.repeat(65_536)}\r\n`])
  t.ok(
    [431, Number.NaN].some((status) => Object.is(status, endless.status)),
    'Node itself refuses 64 KiB',
  )
  t.equal(endless.reads, 0)
  t.strictSame(crashes, [])
})

const LENGTHS = [0, 1, 42, 44, 86, 128, 4096]

t.test('attack 20: what has not the shape of a token costs no look into the store, whatever a decoder would make of it', async (t) => {
  const store = new SpyStore('async')
  const { app } = await makeApp({ store }, (app) => {
    app.get('/', async ({ session }) => session.get('user', 'nobody'))
  })
  const { token } = await app.sessions.create({ user: 'ann' })
  store.take()
  const raw = Buffer.from(token, 'base64url')
  const words = [
    ...LENGTHS.map((length) => 'x'.repeat(length)),
    ...[raw.toString('hex'), raw.toString('base64'), `${token}=`, ` ${token}.`, `s:${token}.sig`, `${token}.${token}`, `v1.${token}`],
    ...[...'+/=.:%,"\'\\|~!*'].map((sign) => sign + token.slice(1)),
    ...['\u00e9', '\u0100', '\u2170', '\ud83d\ude00'].map((sign) => (sign + token).slice(0, 43)),
    ...[
      'null',
      'undefined',
      '[object Object]',
      '__proto__',
      'constructor',
      '../../etc/passwd',
      "' OR 1=1 --",
      '{jndi:ldap://x}',
      'eyJhbGciOiJub25lIn0.e30.',
    ],
  ]
  for (const word of words) {
    const reply = await app.inject({ url: '/', headers: { cookie: `session=${word}` } })
    t.strictSame(
      [reply.statusCode, reply.body, reply.headers['set-cookie'], store.take()],
      [200, 'nobody', undefined, []],
      word.slice(0, 60),
    )
  }
  t.equal((await app.inject({ url: '/', cookies: { session: token } })).body, 'ann')
})
