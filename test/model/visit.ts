import type { ScsSession } from '../../index.ts'
import { conclude, type Outcome } from './conclude.ts'
import { type Client, type Config, type Model, Refused } from './model.ts'
import type { Method, Real, Reply } from './real.ts'
import { ModelRequest } from './request.ts'
import type { Step } from './step.ts'
import { text } from './values.ts'

/** Something that happens, foreseen by the model and done to the site. What the two give must be the same. */
export interface Action {
  foresee(model: Model): unknown
  perform(real: Real): Promise<unknown>
  toString(): string
}

/** A client's request. */
export interface Visit {
  readonly client: Client
  readonly method: Method
  readonly quiet: boolean
  readonly steps: readonly Step[]
  /** Whether its handler throws in the end. */
  readonly fails: boolean
}

export function visiting(visit: Visit): Action {
  const { client, method, quiet, steps, fails } = visit
  const path = quiet ? ' /quiet' : ''
  return {
    foresee: (model) => foresee(model, visit),
    perform: (real) => real.send(client, method, quiet, (session) => handle(session, real, steps, fails)),
    toString: () => `${client}: ${method}${path} { ${steps.map(({ says }) => says).join('; ')}${fails ? '; throw' : ''} }`,
  }
}

/** Something that happens while a handler is at work. */
export function meanwhile(action: Action): Step {
  return {
    says: `meanwhile [${action}]`,
    real: (_session, real) => action.perform(real),
    model: ({ model }) => action.foresee(model),
  }
}

async function handle(session: ScsSession, real: Real, steps: readonly Step[], fails: boolean): Promise<string> {
  const given: unknown[] = []
  for (const step of steps) given.push(await step.real(session, real))
  if (fails) throw new Error('the handler fails')
  return text(given)
}

function foresee(model: Model, { client, method, quiet, steps, fails }: Visit): Reply {
  const request = new ModelRequest(model, model.jars.get(client), quiet)
  const handled = handleInModel(request, steps, fails)
  const outcome = conclude(request)
  const isLate = outcome.cookie === 'superseded'
  if (isLate && method === 'POST') return { status: 409, body: 'FST_ERR_SCS_SUPERSEDED', cookie: [], caching: 'no-store' }
  // The cookie that a commit() put on the reply stays there when the reply has none to say; one that came too late is taken back.
  const said = outcome.cookie === 'none' ? request.said : isLate ? undefined : { outcome, at: model.now }
  if (said?.outcome.cookie === 'set') model.jars.set(client, said.outcome.token)
  if (said?.outcome.cookie === 'clear') model.jars.delete(client)
  const caching = said === undefined && request.said === undefined ? undefined : 'no-cache="Set-Cookie"'
  return { ...handled, cookie: said === undefined ? [] : cookieLines(said.outcome, model.config, said.at), caching }
}

function handleInModel(request: ModelRequest, steps: readonly Step[], fails: boolean): Pick<Reply, 'status' | 'body'> {
  try {
    const given = steps.map((step) => step.model(request))
    request.failed = fails
    return fails ? { status: 500, body: 'undefined' } : { status: 200, body: text(given) }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    request.failed = error.status >= 500
    return { status: error.status, body: error.code }
  }
}

const FOR_EVER_PAST = 'Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0'

function cookieLines(outcome: Outcome, config: Config, now: number): string[] {
  if (outcome.cookie === 'clear') return [`session=; Path=/; ${FOR_EVER_PAST}; HttpOnly; SameSite=Lax`]
  if (outcome.cookie !== 'set') return []
  return [`session=${outcome.token}; Path=/;${lifeOf(outcome, config, now)} HttpOnly; SameSite=Lax`]
}

function lifeOf({ deadline, remembered }: Extract<Outcome, { cookie: 'set' }>, { persist }: Config, now: number): string {
  if (!persist && !remembered) return ''
  const expires = new Date(Math.floor(deadline / 1000) * 1000 + 1000).toUTCString()
  return ` Expires=${expires}; Max-Age=${Math.ceil((deadline - now) / 1000)};`
}
