import { serve } from '../../test/support/children.mjs'
import { cookieIn, requestBytes, Wire } from '../../test/support/wire.mjs'

/** By the names that they have in the result, the variants of throughput. */
const VARIANTS = { bare: 'bare', '@fastify/session': 'session', '@mgcrea/fastify-session': 'mgcrea', 'fastify-scs': 'scs' }

/** In this order: the session that the second makes is read and written by the others. */
const KINDS = [
  { kind: 'no cookie', method: 'GET', path: '/' },
  { kind: 'first write', method: 'POST', path: '/login' },
  { kind: 'read', method: 'GET', path: '/read', withCookie: true },
  { kind: 'write', method: 'POST', path: '/write', withCookie: true },
]

async function observe(name) {
  const server = await serve('bench/throughput/server.mjs', 'serveVariant', { variant: VARIANTS[name] })
  const wire = await Wire.open(server.port)
  const seen = []
  let cookie
  for (const { kind, method, path, withCookie } of KINDS) {
    const sent = requestBytes(method, path, withCookie ? cookie : undefined)
    const reply = await wire.send(sent)
    if (reply.status !== 200) throw new Error(`${name}: ${path} was answered with ${reply.status}`)
    cookie = cookieIn(reply) ?? cookie
    const ofCookie = sent.length - requestBytes(method, path).length
    seen.push({ name, kind, sent: sent.length, received: reply.bytes, cookie: ofCookie, head: reply.head })
  }
  wire.close()
  await server.stop()
  return seen
}

/** Lines that a reply has and the bare one has not, without the date, which is never the same, and without a token, which is nobody's business. */
function linesBeyond(head, bareHead) {
  const known = new Set(bareHead.split('\r\n'))
  const lines = head.split('\r\n').filter((line) => !known.has(line) && !/^(date|content-length):/i.test(line))
  return lines.map((line) => line.replace(/^(set-cookie: [^=]*=)[^;]*/i, '$1…')).join('\n')
}

/** Bytes of each kind of request on a real connection, and what is beyond those of bare Fastify. */
export async function measureHttp() {
  const seen = []
  for (const name of Object.keys(VARIANTS)) seen.push(...(await observe(name)))
  return seen.map(({ head, ...row }) => {
    const bare = seen.find(({ kind }) => kind === row.kind).head
    return { ...row, head: head.length, beyond: head.length - bare.length, lines: linesBeyond(head, bare) }
  })
}
