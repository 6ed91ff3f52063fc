import { inspect } from 'node:util'
import t from 'tap'
import { hashToken } from '../../lib/token.ts'
import { cookieOf, type LogLine } from '../support/app.ts'
import { holdIn, type Reply, type Site, startSite } from './steps.ts'

/** Every way in which a token may be written down. */
function spellings(token: string): string[] {
  const bytes = Buffer.from(token, 'base64url')
  const ascii = Buffer.from(token, 'latin1')
  return [
    token,
    bytes.toString('hex'),
    bytes.toString('base64'),
    ascii.toString('hex'),
    ascii.toString('base64'),
    ascii.toString('base64url'),
  ]
}

function holds(text: string, token: string): boolean {
  const lower = text.toLowerCase()
  return spellings(token).some((each) => text.includes(each) || lower.includes(each.toLowerCase()))
}

/** All that a log, a debugger or an error page could show of a value. */
function shown(value: unknown): string {
  const parts = [inspect(value, { showHidden: true, depth: 9, getters: false }), String(value)]
  parts.push(inspect(value, { showHidden: true, depth: 9, customInspect: false }))
  parts.push(JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? String(part) : part)) ?? '')
  for (let error: unknown = value; error instanceof Error; error = error.cause) parts.push(error.stack ?? '', error.message)
  return parts.join('\n')
}

/** Writes down every argument of every call that reaches the store itself. */
function overhear(site: Site): string[] {
  const { inner } = site.store
  const heard: string[] = []
  for (const verb of ['find', 'create', 'update', 'rename', 'touch', 'delete', 'deleteOwnedBy'] as const) {
    const work = inner[verb].bind(inner) as (...args: unknown[]) => unknown
    const listen = (...args: unknown[]) => {
      heard.push(JSON.stringify(args, (_key, part) => (part?.type === 'Buffer' ? Buffer.from(part.data).toString('latin1') : part)))
      return work(...args)
    }
    Object.assign(inner, { [verb]: listen })
  }
  return heard
}

interface Story {
  readonly site: Site
  readonly tokens: string[]
  readonly errors: unknown[]
  readonly replies: Reply[]
  readonly lines: LogLine[]
  /** What the store heard. */
  readonly heard: string[]
}

/** Log-ins, log-outs, failures of the store and of the handler, conflicts, renewals, broken records: a busy day. */
async function busyDay(hashes: boolean): Promise<Story> {
  const site = await startSite({ hashToken: hashes, owner: 'user', idleTimeout: '20m', storeTimeout: '5s' })
  const heard = overhear(site)
  const tokens: string[] = []
  const errors: unknown[] = []
  const replies: Reply[] = []
  site.app.addHook('onError', (_request, _reply, error, done) => {
    errors.push(error)
    done()
  })
  const note = async (sent: Promise<Reply>) => {
    const reply = await sent
    replies.push(reply)
    const token = cookieOf(reply)
    if (token !== undefined && token !== '') tokens.push(token)
    return token ?? ''
  }
  const first = await note(site.post(undefined, (session) => session.put('cart', 'pen')))
  const late = holdIn((session) => session.put('late', 1))
  const superseded = site.post(first, late.handler)
  const lateGet = holdIn((session) => session.put('late', 1))
  const dropped = site.get(first, lateGet.handler)
  await Promise.all([late.held.reached, lateGet.held.reached])
  const user = await note(
    site.post(first, (session, request) => {
      session.renewToken()
      session.put('user', 'ann')
      request.log.info({ session, nested: { session } }, 'logged in')
      request.log.trace({ request: request.id, sessions: site.app.sessions }, 'the manager')
    }),
  )
  late.held.release()
  lateGet.held.release()
  await note(superseded)
  await note(dropped)
  for (const verb of ['find', 'update', 'rename', 'touch', 'delete', 'create'] as const) {
    for (const fault of ['before', 'after'] as const) {
      site.clock.advance(120_000)
      const token = await site.start({ user: 'bob' })
      tokens.push(token)
      site.store.fail(verb, fault)
      await note(
        site.post(verb === 'create' ? undefined : token, async (session, request) => {
          if (verb === 'rename') session.renewToken()
          if (verb === 'create' || verb === 'update') session.put('a', 1)
          if (verb === 'delete') await session.destroy().catch((error: unknown) => errors.push(error))
          request.log.warn({ err: new Error('in the handler'), session }, String(session))
        }),
      )
    }
  }
  await site.post(user, (session) => {
    for (const bad of [() => session.put('__x', 1), () => session.put('f', () => 1), () => session.setDeadline(new Date(Number.NaN))]) {
      try {
        bad()
      } catch (error) {
        errors.push(error)
      }
    }
    throw new Error('the handler fails')
  })
  await note(site.send('GET', undefined, () => ({}), { cookie: `session=${user}; session=${await site.start({ user: 'eve' })}` }))
  await site.store.inner.create(hashes ? hashToken('B'.repeat(43)) : 'B'.repeat(43), {
    data: Buffer.from('{'),
    expiresAt: site.clock() + 1000,
  })
  tokens.push('B'.repeat(43))
  await note(site.get('B'.repeat(43)))
  site.store.fail('find', 'before')
  await site.app.sessions.find(user).catch((error: unknown) => errors.push(error))
  site.store.inner.update = () => {
    site.clock.advance(2000)
    return false
  }
  await note(site.post(user, (session) => session.put('a', 1)))
  return { site, tokens, errors, replies, lines: site.lines, heard }
}

t.test('rule 10: no token is in any log line, error, reply body, JSON or inspect output', async (t) => {
  for (const hashes of [true, false]) {
    const { site, tokens, errors, replies, lines } = await busyDay(hashes)
    const statuses = new Set(replies.map((reply) => reply.statusCode))
    t.ok(
      [200, 409, 503].every((status) => statuses.has(status)),
      'the day was busy enough',
    )
    t.ok(tokens.length > 10 && errors.length > 5 && lines.length > 50)
    for (const token of tokens) {
      t.notOk(
        lines.some((line) => holds(JSON.stringify(line), token)),
        'log lines',
      )
      t.notOk(
        errors.some((error) => holds(shown(error), token)),
        'errors',
      )
      t.notOk(
        replies.some((reply) => holds(reply.body, token)),
        'bodies',
      )
      t.notOk(holds(shown(site.app.sessions), token), 'the manager')
    }
    t.ok(
      lines.some((line) => JSON.stringify(line).includes('"status":"modified"')),
      'a session in a log line says what it is',
    )
  }
})

t.test('rule 10: a session shows its id and its status, and nothing else', async (t) => {
  for (const hashToken of [true, false]) {
    const site = await startSite({ hashToken })
    const token = await site.start({ secret: 'tea' })
    await site.get(token, (session) => {
      t.strictSame(JSON.parse(JSON.stringify(session)), { id: session.id, status: 'unmodified' })
      for (const text of [shown(session), shown({ deep: [session] }), `${session}`]) {
        t.notOk(holds(text, token))
        t.notMatch(text, 'tea')
      }
      t.match(inspect(session), session.id)
      t.strictSame(Reflect.ownKeys(session), [])
    })
  }
})

t.test('rule 10: the store never sees a token: not in a key, not in a record, not in an owner', async (t) => {
  for (const hashes of [true, false]) {
    const { site, tokens, heard } = await busyDay(hashes)
    t.ok(
      heard.some((call) => call.includes('__renewedTo')),
      'the payloads are legible',
    )
    let text = [...site.store.calls, ...heard].join('\n')
    for await (const { key, record } of site.store.inner.all())
      text += `\n${key} ${Buffer.from(record.data).toString('latin1')} ${record.owner}`
    const seen = tokens.filter((token) => holds(text, token))
    t.strictSame(seen, hashes ? [] : tokens, hashes ? 'hashed' : 'not hashed: then it does')
  }
})

t.test('rule 10: a key of the store serves as no token', async (t) => {
  const site = await startSite()
  await site.start({ user: 'ann' })
  for await (const { key } of site.store.inner.all()) t.strictSame((await site.get(key)).json(), {})
})

t.test('the token is shown where it is asked for', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  t.strictSame((await site.get(token, (session) => ({ token: session.token }))).json(), { token })
})
