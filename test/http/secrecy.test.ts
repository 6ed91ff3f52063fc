import { inspect } from 'node:util'
import t from 'tap'
import { busyDay } from './busy-day.ts'
import { startSite } from './steps.ts'

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
