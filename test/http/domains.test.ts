import t from 'tap'
import { setCookies } from '../support/app.ts'
import { startSite } from './steps.ts'

const FAR = { host: 'shop.a.example' }

t.test('the domain of the cookie can follow the request', async (t) => {
  const site = await startSite({ cookie: { domain: ({ hostname }) => hostname.split('.').slice(-2).join('.') } })
  for (const host of ['shop.a.example', 'b.example']) {
    const made = await site.send('POST', undefined, (session) => session.put('a', 1), { host })
    t.match(setCookies(made), [/Path=\/; Domain=[ab]\.example; Expires=/])
    const token = made.cookies[0]?.value
    const ended = await site.send('POST', token, (session) => session.destroy(), { host })
    t.match(setCookies(ended), [/^session=; Path=\/; Domain=[ab]\.example; Expires=Thu, 01 Jan 1970/], 'it is cleared where it was set')
  }
})

t.test('a domain that is none fails the request before anything is written', async (t) => {
  const site = await startSite({ cookie: { domain: () => 'a b' } })
  const reply = await site.post(undefined, (session) => session.put('a', 1))
  t.match(reply.json(), { statusCode: 500, code: 'FST_ERR_SCS_OPTION' })
  t.strictSame(site.store.take(), [])
})

t.test('a cookie that browsers will drop is told, once for each reason', async (t) => {
  const table = [
    [{ secure: true }, /Secure and this request came over http/],
    [{ sameSite: 'none' }, /Secure and this request came over http/],
    [{ domain: 'shop.example' }, /has a domain that is neither/],
    [{}, undefined],
  ] as const
  for (const [cookie, hint] of table) {
    const site = await startSite({ cookie })
    for (let i = 0; i < 2; i++) await site.send('POST', undefined, (session) => session.put('a', 1), FAR)
    t.equal(site.warnings().length, hint === undefined ? 0 : 1)
    if (hint !== undefined) t.match(site.warnings()[0]?.msg, hint)
  }
})

t.test('a quoted cookie is the token in the quotes', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  for (const cookie of [`session="${token}"`, `a=b; session="${token}"; c=d`, `session=other; session="${token}"`])
    t.strictSame((await site.send('GET', undefined, undefined, { cookie })).json(), { user: 'ann' }, cookie.replace(token, 'T'))
  for (const cookie of [`session="${token}`, `session=${token}"`, 'session="', `session=""${token}""`])
    t.strictSame((await site.send('GET', undefined, undefined, { cookie })).json(), {}, cookie.replace(token, 'T'))
})
