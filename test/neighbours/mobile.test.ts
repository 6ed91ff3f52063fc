import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { cookieOf, listen, setCookies } from '../support/app.ts'
import { LIMIT } from '../support/limit.ts'
import { shellLines } from '../support/programs.ts'
import { blocksOf } from '../support/readme.ts'
import { recipes } from '../support/recipes.ts'

t.setTimeout(LIMIT)

const load = recipes('recipes/mobile')
const { app } = await load<{ app: FastifyInstance }>('mobile.ts')
const url = await listen(t, app)

t.test('mobile.md: its requests, without a cookie', async (t) => {
  let token = ''
  const answers: unknown[] = []
  for (const line of shellLines(blocksOf('docs/recipes/mobile.md'), 'curl ')) {
    const [, flags = '', header = '', path = '', shown = ''] =
      /^curl (.*)-H ['"]x-session-token: (.*)['"] localhost:3000(\S+) +# (.*)$/.exec(line) ?? []
    const method = flags.includes('-X POST') ? 'POST' : 'GET'
    const reply = await fetch(url + path, { method, headers: { 'x-session-token': header.replace('$TOKEN', token) } })
    const body = (await reply.json()) as { token?: string }
    token = body.token ?? token
    answers.push(body)
    t.equal(reply.headers.get('set-cookie'), null, line)
    t.match(reply.headers.get('vary'), /Cookie, x-session-token/)
    t.same(body, JSON.parse(shown.replace('…', token)))
  }
  t.equal(answers.length, 3)
  t.same(await (await fetch(`${url}/me`, { headers: { 'x-session-token': token } })).json(), { userId: 'nobody' })
})

t.test('mobile.md: a browser gets a cookie and no token, and needs a CSRF token', async (t) => {
  const refused = await app.inject({ method: 'POST', url: '/login' })
  t.equal(refused.statusCode, 403)
  const form = await app.inject({ url: '/form' })
  const cookies = { session: cookieOf(form) ?? '' }
  const login = await app.inject({ method: 'POST', url: '/login', cookies, headers: { 'csrf-token': form.json().csrf } })
  t.same(login.json(), {})
  const session = cookieOf(login) ?? ''
  t.same((await app.inject({ url: '/me', cookies: { session } })).json(), { userId: 'ada' })
  t.equal((await app.inject({ method: 'POST', url: '/logout', cookies: { session } })).statusCode, 403)
  for (const word of ['none', 'x'.repeat(43), '=']) {
    const reply = await app.inject({ method: 'POST', url: '/logout', cookies: { session }, headers: { 'x-session-token': word } })
    t.equal(reply.statusCode, 200)
    t.same(setCookies(reply), [], 'with the header, the session of the cookie is not touched')
  }
  t.equal((await app.inject({ method: 'POST', url: '/logout', cookies: { session }, headers: { 'x-session-token': '' } })).statusCode, 403)
  t.same((await app.inject({ url: '/me', cookies: { session } })).json(), { userId: 'ada' })
})
