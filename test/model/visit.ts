import type { ScsSession } from '../../index.ts'
import { conclude, type Outcome } from './conclude.ts'
import { type Client, type Config, type Model, Refused } from './model.ts'
import type { Method, Real, Reply } from './real.ts'
import { ModelRequest } from './request.ts'
import type { Step } from './steps.ts'
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
  const body = handleInModel(request, steps, fails)
  const outcome = conclude(request)
  if (outcome.cookie === 'set') model.jars.set(client, outcome.token)
  if (outcome.cookie === 'clear') model.jars.delete(client)
  if (outcome.cookie === 'superseded' && method === 'POST')
    return { status: 409, body: 'FST_ERR_SCS_SUPERSEDED', cookie: [], caching: 'no-store' }
  const cookie = cookieLines(outcome, model)
  return { status: request.failed ? 500 : 200, body, cookie, caching: cookie.length > 0 ? 'no-cache="Set-Cookie"' : undefined }
}

function handleInModel(request: ModelRequest, steps: readonly Step[], fails: boolean): string {
  try {
    const given = steps.map((step) => step.model(request))
    request.failed = fails
    return fails ? 'undefined' : text(given)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    request.failed = true
    return error.code
  }
}

const FOR_EVER_PAST = 'Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0'

function cookieLines(outcome: Outcome, { config, now }: Pick<Model, 'config' | 'now'>): string[] {
  if (outcome.cookie === 'clear') return [`session=; Path=/; ${FOR_EVER_PAST}; HttpOnly; SameSite=Lax`]
  if (outcome.cookie !== 'set') return []
  return [`session=${outcome.token}; Path=/;${lifeOf(outcome, config, now)} HttpOnly; SameSite=Lax`]
}

function lifeOf({ deadline, remembered }: Extract<Outcome, { cookie: 'set' }>, { persist }: Config, now: number): string {
  if (!persist && !remembered) return ''
  const expires = new Date(Math.floor(deadline / 1000) * 1000 + 1000).toUTCString()
  return ` Expires=${expires}; Max-Age=${Math.ceil((deadline - now) / 1000)};`
}
