import { join } from 'node:path'
import t from 'tap'
import { BROWSER_LIMIT } from '../support/limit.ts'
import { startProgram } from '../support/programs.ts'
import { compile, root } from '../support/readme.ts'

t.setTimeout(BROWSER_LIMIT)

const folder = join(root, 'examples/demo')
const STRICT =
  '--allowJs --checkJs --noEmit --strict --noUncheckedIndexedAccess --exactOptionalPropertyTypes --skipLibCheck --module nodenext --target es2022'

t.test('the server and the script of its pages are typed, although they are JavaScript', async (t) => {
  compile(folder, ['server.mjs', 'demo.d.ts'], [...STRICT.split(' '), '--types', 'node'])
  compile(folder, ['public/page.js'], [...STRICT.split(' '), '--lib', 'es2023,dom,dom.iterable'])
  t.throws(() => compile(folder, ['public/page.js'], [...STRICT.split(' '), '--lib', 'es2023']), /Cannot find name 'document'/)
})

t.test('the program that npm run demo starts serves the shop', async (t) => {
  process.env['SESSIONS'] = t.testdir()
  const url = await startProgram(t, join(folder, 'server.mjs'))
  const reply = await fetch(url)
  t.equal(reply.status, 200)
  t.match(await reply.text(), /<h1>Tea, by the tin<\/h1>/)
  t.match(reply.headers.get('content-type'), 'text/html; charset=utf-8')
  const cookie = reply.headers.get('set-cookie') ?? ''
  t.match(cookie, /^session=.*; Path=\/; HttpOnly; SameSite=Lax$/, 'until the browser ends, and not Secure on http')
  const policy = reply.headers.get('content-security-policy') ?? ''
  t.match(policy, /script-src 'self';style-src 'self'/)
  t.notMatch(policy, /unsafe/)
  t.match(reply.headers.get('cache-control'), /no-store/)
})
