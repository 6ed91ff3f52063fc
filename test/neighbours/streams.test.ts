import t, { type Test } from 'tap'
import { listen, settled } from '../support/app.ts'
import { LIMIT } from '../support/limit.ts'
import { type Recipe, recipes } from '../support/recipes.ts'

t.setTimeout(LIMIT)
const load = recipes('recipes/sse', 'recipes/graphql', 'recipes/trpc')

/** Lets a test run what the application would run every 20 seconds. */
function captureTimers(t: Test): Array<() => void> {
  const timers: Array<() => void> = []
  const { setInterval } = globalThis
  t.intercept(globalThis, 'setInterval', {
    value: (callback: () => void, delay: number) => {
      if (delay === 20_000) timers.push(callback)
      return setInterval(callback, delay)
    },
  })
  return timers
}

for (const [file, later] of [
  ['sse.ts', 'data: 1\n\n'],
  ['fastify-sse.ts', 'data: "tick"\n\n'],
] as const) {
  t.test(`server-sent events of ${file} carry the cookie, save what changed, and end with the session`, async (t) => {
    const timers = captureTimers(t)
    const { app } = await load<Recipe>(file)
    const url = `${await listen(t, app)}/events`
    const response = await fetch(url, { headers: { accept: 'text/event-stream' } })
    t.match(response.headers.get('content-type'), /^text\/event-stream/)
    const token = /^session=([\w-]{43});/.exec(response.headers.get('set-cookie') ?? '')?.[1] ?? ''
    t.equal((await app.sessions.find(token))?.get('streams'), 1)

    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    t.match((await reader?.read())?.value, /^data: "?hello"?\n\n$/)
    timers.at(-1)?.()
    t.equal((await reader?.read())?.value, later)
    if (file === 'sse.ts') t.equal((await app.sessions.find(token))?.get('events'), 1)

    const session = await app.sessions.find(token)
    await session?.destroy()
    timers.at(-1)?.()
    t.match((await reader?.read())?.value, /^event: logout\ndata: "?bye"?\n\n$/)
    t.equal((await reader?.read())?.done, true)
  })
}

t.test('GraphQL: a login renews the token, a query reads the session, a logout ends it', async (t) => {
  const { app } = await load<Recipe>('graphql.ts')
  t.teardown(() => app.close())
  const ask = (query: string, token = '') =>
    app.inject({ method: 'POST', url: '/graphql', payload: { query }, cookies: token === '' ? {} : { session: token } })
  t.strictSame((await ask('{ me }')).json(), { data: { me: null } })

  const { token: before } = await app.sessions.create({ theme: 'dark' })
  const login = await ask('mutation { login(user: "ada") }', before)
  const token = login.cookies[0]?.value ?? ''
  t.match(token, /^[\w-]{43}$/)
  t.not(token, before)
  t.strictSame((await ask('{ me }', token)).json(), { data: { me: 'ada' } })
  t.strictSame((await ask('{ me }', before)).json(), { data: { me: null } })
  t.strictSame((await app.sessions.find(token))?.data(), { theme: 'dark', user: 'ada' })

  const logout = await ask('mutation { logout }', token)
  t.match(logout.cookies[0], { name: 'session', value: '' })
  t.equal(await app.sessions.count(), 0)
})

interface Client {
  readonly me: { query(): Promise<string | null> }
  readonly login: { mutate(): Promise<boolean> }
}

t.test('tRPC: a mutation by a link that does not stream saves, a query may stream, and a streamed mutation says what to do', async (t) => {
  const { app } = await load<Recipe>('trpc.ts')
  const { makeClient } = await load<{ makeClient: (url: string, fetch: typeof globalThis.fetch) => Client }>('trpc-client.ts')
  const url = `${await listen(t, app)}/trpc`
  let token = ''
  const streams: boolean[] = []
  const client = makeClient(url, async (input, init) => {
    const headers = new Headers(init?.headers)
    streams.push(headers.get('trpc-accept') === 'application/jsonl')
    headers.set('cookie', `session=${token}`)
    const response = await fetch(input, { ...init, headers })
    token = /^session=([\w-]{43});/.exec(response.headers.get('set-cookie') ?? '')?.[1] ?? token
    return response
  })
  t.equal(await client.me.query(), null)
  t.equal(await client.login.mutate(), true)
  t.equal(await client.me.query(), 'ada')
  t.strictSame(streams, [true, false, true])

  // By the streaming link.
  const reply = await app.inject({
    method: 'POST',
    url: '/trpc/login?batch=1',
    headers: { 'content-type': 'application/json', 'trpc-accept': 'application/jsonl' },
    payload: '{}',
  })
  await settled()
  t.equal(reply.headers['set-cookie'], undefined)
  t.match(reply.body, /The session was saved already, .* With tRPC, send calls that change the session by httpBatchLink/)
})
