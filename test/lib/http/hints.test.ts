import t from 'tap'
import { cookieHint } from '../../../lib/http/hints.ts'

const over = (protocol: string) => (hostname: string) => ({ hostname, protocol, headers: {} })
const http = over('http')
const https = over('https')

t.test('a Secure cookie on a request over http is hinted at, and what to do behind a proxy', async (t) => {
  const hinted = (host: string) => cookieHint({ secure: true, domain: undefined }, http(host))
  for (const host of [
    'app.internal',
    'app.internal:3000',
    '10.0.0.1',
    '128.0.0.1',
    '[::2]:80',
    'localhost.example',
    'mylocalhost',
    '',
    '127.0.0.1.example',
  ])
    t.match(
      hinted(host),
      /^the session cookie is Secure and this request came over http, .* behind a proxy .* set Fastify's trustProxy/,
      host,
    )
  const local = [
    'localhost',
    'localhost:3000',
    'LOCALHOST',
    'localhost.',
    'app.localhost',
    '127.0.0.1',
    '127.9.8.7:80',
    '[::1]',
    '[::1]:3000',
    '::1',
  ]
  for (const host of local) t.equal(hinted(host), undefined, host)
  t.equal(cookieHint({ secure: true, domain: undefined }, https('app.internal')), undefined)
  t.equal(cookieHint({ secure: false, domain: undefined }, http('app.internal')), undefined)
})

t.test('a domain that is neither the host nor above it is hinted at', async (t) => {
  const hinted = (domain: string, host: string) => cookieHint({ secure: true, domain }, https(host))
  for (const host of ['other.example', 'notshop.example', 'example', 'shop.example.evil', '', '127.0.0.1'])
    t.match(hinted('shop.example', host), /^the session cookie has a domain that is neither the host of this request nor above it/, host)
  for (const host of ['shop.example', 'a.shop.example', 'a.b.shop.example:8443', 'SHOP.example', 'shop.example.'])
    t.equal(hinted('shop.example', host), undefined, host)
  t.equal(hinted('Shop.Example', 'shop.example'), undefined)
  t.match(cookieHint({ secure: false, domain: 'shop.example' }, http('localhost')), /^the session cookie has a domain/)
  t.match(cookieHint({ secure: true, domain: 'shop.example' }, http('a.example')), /Secure/, 'one thing at a time')
})
