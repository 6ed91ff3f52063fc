import { startServer } from '../servers.mjs'
import { cookieIn, requestBytes, Wire } from '../wire.mjs'

/** By the names that they have here, the variants of bench/variants. */
const VARIANTS = { bare: 'bare', '@fastify/session': 'session', '@mgcrea/fastify-session': 'mgcrea', 'fastify-scs': 'scs' }
export const COMPARED = Object.keys(VARIANTS)

/** In this order: the session that the second makes is read and written by the others. */
const KINDS = [
  { kind: 'no cookie', method: 'GET', path: '/' },
  { kind: 'first write', method: 'POST', path: '/login' },
  { kind: 'read', method: 'GET', path: '/read', withCookie: true },
  { kind: 'write', method: 'POST', path: '/write', withCookie: true },
]

async function observe(name) {
  const server = await startServer(VARIANTS[name])
  const wire = await Wire.open(Number(new URL(server.url).port))
  const seen = []
  let cookie
  for (const { kind, method, path, withCookie } of KINDS) {
    const sent = requestBytes(method, path, withCookie ? cookie : undefined)
    const reply = await wire.send(sent)
    if (reply.status !== 200) throw new Error(`${name}: ${path} was answered with ${reply.status}`)
    cookie = cookieIn(reply) ?? cookie
    seen.push({ kind, sent: sent.length, bare: requestBytes(method, path).length, received: reply.bytes, head: reply.head })
  }
  wire.close()
  server.stop()
  return seen
}

/** Lines that a reply has and the bare one has not, with the date left out, which is never the same. */
function linesBeyond(head, bareHead) {
  const known = new Set(bareHead.split('\r\n'))
  return head.split('\r\n').filter((line) => !known.has(line) && !/^(date|content-length):/i.test(line))
}

/** What nobody should copy: a token is nobody's business, not even one that is dead. */
function withoutValue(line) {
  return line.replace(/^(set-cookie: [^=]*=)[^;]*/i, '$1…')
}

/** Bytes of each kind of request on a real connection, and what is beyond those of bare Fastify. */
export async function measureHttp() {
  const seen = {}
  for (const name of COMPARED) seen[name] = await observe(name)
  return COMPARED.map((name) => ({
    name,
    kinds: seen[name].map(({ kind, sent, bare, received, head }, i) => ({
      ...{ kind, sent, received, cookie: sent - bare, head: head.length },
      beyond: head.length - seen.bare[i].head.length,
      lines: linesBeyond(head, seen.bare[i].head).map(withoutValue),
    })),
  }))
}
