import t from 'tap'
import { cookieOf, setCookies } from '../support/app.ts'
import { startSite } from './steps.ts'

const header = (token: string) => ({ 'x-session-token': token })

t.test('a client without cookies brings its token in a header, and gets no cookie', async (t) => {
  const site = await startSite({ token: { header: 'X-Session-Token' } })
  let token = ''
  const login = await site.post(undefined, async (session) => {
    session.put('user', 'ann')
    await session.commit()
    token = session.token
  })
  t.equal(cookieOf(login), token, 'nobody said so far that cookies are of no use')
  t.equal(login.headers['vary'], 'Cookie, x-session-token')
  const read = await site.send('GET', undefined, undefined, header(token))
  t.strictSame(read.json(), { user: 'ann' })
  let renewed = ''
  const renewal = await site.send(
    'POST',
    undefined,
    (session) => {
      session.renewToken()
      renewed = session.token
    },
    header(token),
  )
  t.strictSame(setCookies(renewal), [])
  t.strictSame(await site.stored(renewed), { user: 'ann' })
  const logout = await site.send('POST', undefined, (session) => session.destroy(), header(renewed))
  t.strictSame(setCookies(logout), [])
  t.equal(await site.stored(renewed), undefined)
  t.strictSame((await site.send('GET', undefined, undefined, header('no token'))).json(), {})
})

t.test('the header goes before the cookie; where there is none, or one of another scheme, the cookie counts', async (t) => {
  const site = await startSite({ token: { header: 'authorization', scheme: 'Bearer' } })
  const [ann, bob] = [await site.start({ user: 'ann' }), await site.start({ user: 'bob' })]
  const who = async (authorization: string) => (await site.send('GET', ann, undefined, { authorization })).json().user
  t.strictSame(
    [await who(`Bearer ${bob}`), await who(`bearer ${bob}`), await who('Basic YTpi'), await who('')],
    ['bob', 'bob', 'ann', 'ann'],
  )
})
