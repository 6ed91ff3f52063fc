import { createHash } from 'node:crypto'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import t, { type Test } from 'tap'
import { listen, makeApp, watchCrashes } from '../support/app.ts'
import { ENDINGS, type Ending } from '../support/endings.ts'
import { ERROR_HANDLERS, type ErrorHandler, mark, type Seen } from '../support/error-handlers.ts'
import { SpyStore } from '../support/spy-store.ts'

t.setTimeout(0)

const SAVES = ['rename', 'update', 'delete']
const STORES = { 'a store in memory': 'memory', 'a slow store': 'slow', 'a store that fails at the save': 'failing' } as const
type Kind = (typeof STORES)[keyof typeof STORES]

/** Which saves last until which signal. */
type Signals = Map<string, AbortSignal>

function makeStore(kind: Kind, signals: Signals): SpyStore {
  const store = new SpyStore(kind === 'memory' ? 'sync' : 'async')
  const save = async (key: string) => {
    await turns(10)
    while (signals.get(key)?.aborted === false) await sleep(1)
    if (kind === 'failing') throw new Error('connection refused')
  }
  if (kind !== 'memory') store.gate = (verb, key) => (SAVES.includes(verb) ? save(key) : undefined)
  return store
}

async function turns(many: number): Promise<void> {
  for (let i = 0; i < many; i++) await turn()
}

/** Another hook of `onSend`, which is not done at once. */
async function otherHook(_request: unknown, _reply: unknown, payload: unknown): Promise<unknown> {
  await turns(3)
  return payload
}

/** The reply went past our hook and waits in the other one when the handler goes on: with any hook in our place Fastify mixes the two. */
function isFastifysOwn({ ending, errorHandler }: Pair): boolean {
  if (ending.name === 'sends and throws later') return true
  return ending.name === 'takes too long and changes the reply all the same' && errorHandler.name !== 'one that returns a Response'
}

/** A second error that no handler is left for is written by Fastify itself, past all hooks, and so without a cookie. */
const isPastHooks = ({ ending, errorHandler }: Pair) => ending.errors.length > 1 && /own$|throws$/.test(errorHandler.name)

interface Pair {
  readonly name: string
  readonly ending: Ending
  readonly errorHandler: ErrorHandler
  readonly url: string
  /** The streams that are not done with. */
  readonly open: (() => boolean)[]
}

function makePairs(isWanted: (pair: Pair) => boolean): Pair[] {
  const pairs = ERROR_HANDLERS.flatMap((errorHandler) => ENDINGS.map((ending) => ({ ending, errorHandler })))
  const named = pairs.map((pair, i) => ({ ...pair, name: `${pair.ending.name}; ${pair.errorHandler.name}`, url: `/${i}`, open: [] }))
  return named.filter(isWanted)
}

function addRoutes(app: FastifyInstance, pairs: readonly Pair[], use: (request: FastifyRequest, ending: Ending) => void): void {
  for (const each of ERROR_HANDLERS)
    app.register(async (context) => {
      if (each.handler !== undefined) context.setErrorHandler(each.handler)
      for (const pair of pairs.filter(({ errorHandler }) => errorHandler === each)) addRoute(context, pair, use)
    })
}

function addRoute(app: FastifyInstance, { ending, url, open }: Pair, use: (request: FastifyRequest, ending: Ending) => void): void {
  const { handler, handlerTimeout } = ending
  app.get(url, handlerTimeout === undefined ? {} : { handlerTimeout }, (request, reply) => {
    use(request, ending)
    return handler(request, reply, (isDone) => open.push(() => !isDone()))
  })
}

/** What is saved even when the request fails; but for a change of data. */
function useSession({ session }: FastifyRequest, { does }: Ending): void {
  if (does === 'put') session.put('a', 1)
  else if (does === 'destroy') session.destroy().catch(() => {})
  else session.renewToken()
}

async function visit(url: string, token = ''): Promise<Seen & { cookies: number }> {
  const headers = { cookie: `session=${token}` }
  const reply = await fetch(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(60_000) })
  const text = await reply.text()
  const body = text.includes('"statusCode"') ? mark(JSON.parse(text).statusCode) : text
  const type = text === '' ? '' : String(reply.headers.get('content-type')).split(';')[0]
  const location = text === '' ? reply.headers.get('location') : ''
  return { status: reply.status, type: type ?? '', body, location: location ?? '', cookies: reply.headers.getSetCookie().length }
}

const NOTHING = { type: '', body: '', location: '' }
const REPLACED = { ...NOTHING, status: 503, type: 'application/json', body: '{"sorry":"FST_ERR_SCS_STORE"}' }

/** Whether a reply is that of one run, and of one that may be the last. */
function isWhole(seen: Seen, pair: Pair, kind: Kind): boolean {
  const { ending, errorHandler } = pair
  const sent = ending.sends.map((body) => ({ ...NOTHING, status: 211, type: 'text/html', body }))
  const errors = ending.errors.map((status) => ({ ...NOTHING, ...errorHandler.reply(status) }))
  const replaced = isPastHooks(pair) ? [REPLACED, ...errors] : [REPLACED]
  const wholes: Seen[] = kind === 'failing' && isSaved(pair) ? replaced : [...sent, ...errors]
  return wholes.some(
    ({ status, type, body, location }) => seen.status === status && seen.type === type && seen.body === body && seen.location === location,
  )
}

/** A request that failed saves no data; what its error handler makes of it decides whether it did. */
const isSaved = ({ ending, errorHandler }: Pair) => ending.does !== 'put' || errorHandler.reply(501).status < 500

for (const [store, kind] of Object.entries(STORES)) {
  for (const after of ['', ', and another hook after ours'])
    t.test(`with ${store}${after}, each reply is that of one run, saved once, whatever the handler and the error handler do`, (t) =>
      check(t, kind, after !== ''),
    )
}

async function check(t: Test, kind: Kind, hasOther: boolean): Promise<void> {
  const crashes = watchCrashes(t)
  const signals: Signals = new Map()
  const store = makeStore(kind, signals)
  const pairs = makePairs((pair) => kind !== 'memory' || !(pair.ending.isSlow || (hasOther && isFastifysOwn(pair))))
  const errorReply = async ({ code }: { code: string }) => turn({ sorry: code })
  const { app } = await makeApp({ store, errorReply }, (app) => {
    if (hasOther) app.addHook('onSend', otherHook)
    addRoutes(app, pairs, (request, ending) => {
      if (ending.isSlow) signals.set(keyOf(request.headers.cookie ?? ''), request.signal)
      useSession(request, ending)
    })
  })
  const base = await listen(t, app)
  const savesOf = (key: string) => store.calls.filter((call) => call.endsWith(key) && SAVES.some((verb) => call.startsWith(verb))).length
  const checkPair = async (pair: Pair) => {
    const { token } = await app.sessions.create({ user: 'u' })
    const seen = await visit(base + pair.url, token).catch((error: Error) => ({ ...NOTHING, status: 0, body: error.message, cookies: 0 }))
    t.ok(isWhole(seen, pair, kind), `${pair.name}: whole`, { seen })
    const { does } = pair.ending
    if (!isPastHooks(pair)) t.equal(seen.cookies, does === 'put' || kind === 'failing' ? 0 : 1, `${pair.name}: cookies`)
    // An end that failed is tried again with the reply.
    t.equal(savesOf(keyOf(token)), does === 'destroy' && kind === 'failing' ? 2 : Number(isSaved(pair)), `${pair.name}: saves`)
  }
  await Promise.all(pairs.map(checkPair))
  await app.close()
  for (const { name, open } of pairs)
    t.notOk(
      open.some((isOpen) => isOpen()),
      `${name}: its stream is closed`,
    )
  t.same(crashes, [])
}

/** The store's key of a token, or of a cookie. */
const keyOf = (token: string) => createHash('sha256').update(token.replace('session=', '')).digest('base64url')

t.test('what is left out above is wrong with any hook in our place', async (t) => {
  watchCrashes(t)
  const pairs = makePairs(isFastifysOwn)
  const app = Fastify()
  app.addHook('onSend', async (_request, _reply, payload) => payload)
  app.addHook('onSend', otherHook)
  addRoutes(app, pairs, () => {})
  const base = await listen(t, app)
  for (const pair of pairs) t.notOk(isWhole(await visit(base + pair.url), pair, 'memory'), pair.name)
})
